/** @file Asks the result and the base model the safety material, compares, and keeps every answer. */
import { openScanner } from "../../inspect/index.ts";
import type { SafetyPrompts } from "../../prepare/index.ts";
import type { SafetyOutcome } from "../../report/index.ts";
import { askSafety, type Probe, safetyOutcome } from "../../scoring/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { type RunSession, secondsLeft } from "./session.ts";

/** What of a sitting is needed. */
export type JudgedSession = Pick<
  RunSession,
  "prepared" | "recipe" | "model" | "adapter" | "recorder" | "runtime" | "folder" | "meter"
>;

/** The outcome; `null` where nothing is to be asked, or a cap or an interrupt came first. */
export async function measureSafety(session: JudgedSession): Promise<SafetyOutcome | null> {
  const { prepared, recipe, model, adapter, recorder, runtime, folder } = session;
  const material = prepared.safety;
  if (material.code.length + material.refusals.length === 0) return null;
  const left = secondsLeft(session);
  if (left <= 0) return null;
  await recorder.write();
  recorder.phase = "safety";
  const start = runtime.elapsedSeconds();
  const cap = new AbortController();
  const signal = AbortSignal.any([runtime.signal, cap.signal]);
  const probe = (name: string): Probe => ({
    ...{ model, tokenizer: prepared.tokenizer, maxNewTokens: recipe.safety.maxNewTokens, signal },
    onProgress: (done, total) => {
      if (runtime.elapsedSeconds() - start > left) cap.abort();
      void recorder.tell({ kind: "phase", name, done, total });
    },
  });
  try {
    const tuned = await askSafety(probe("safety: tuned model"), adapter, material);
    const base = await askSafety(probe("safety: base model"), null, material);
    const scanner = await openScanner();
    const scan = (answer: string) => scanner.scanText(answer);
    const outcome = safetyOutcome(material, base, tuned, scan, recipe.safety);
    await writeWholeFile(folder.safety, `${JSON.stringify(documentOf(material, outcome))}\n`);
    return outcome;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

const formatVersion = 1;

/** `safety.json`: every prompt with both answers and what was found in them. */
function documentOf(material: SafetyPrompts, { codePairs, refusalPairs, ...outcome }: SafetyOutcome): object {
  return {
    format_version: formatVersion,
    prompts: { code: material.code.length, refusals: material.refusals.length },
    ...outcome,
    code_answers: codePairs,
    refusal_answers: refusalPairs,
  };
}
