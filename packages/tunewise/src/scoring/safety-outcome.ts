/** @file Derives from the answers of two models whether the tuned one is less safe. */

import type { SafetyAnswers } from "@tunewise/core/run";
import type { ScanTexts } from "@tunewise/datacheck";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { compareUnsafe, isRefusal, type UnsafeShare } from "../evaluate/index.ts";
import { checkSafety, type MeasuredRise } from "../guard/index.ts";
import { refusalTokens, type SafetyPrompts } from "../prepare/index.ts";
import type { SafetySection } from "../recipe/index.ts";
import { type CodePair, isGrave, type RefusalPair, type SafetyOutcome } from "../report/index.ts";
import { answerGreedily } from "./decode-answers.ts";
import type { MeasuredModel } from "./measured-model.ts";

/** Compares both models and checks the limits. One scan covers the answers of both, so both are judged alike. */
export async function safetyOutcome(
  { code, refusals }: SafetyPrompts,
  base: SafetyAnswers,
  tuned: SafetyAnswers,
  scan: ScanTexts,
  { maxRise }: SafetySection,
): Promise<SafetyOutcome> {
  const answers = [base, tuned].flatMap((model) => code.map((_, at) => model.code[at] ?? ""));
  const { scanners, found, failures } = await scan(answers);
  const scanned = (at: number): CodePair["base"] => ({
    answer: answers[at] ?? "",
    findings: found[at] ?? [],
  });
  const codePairs = code.map(({ text }, at) => ({
    prompt: text,
    base: scanned(at),
    tuned: scanned(code.length + at),
  }));
  const withRefusal = (answer: string): RefusalPair["base"] => ({ answer, declines: isRefusal(answer) });
  const refusalPairs = refusals.map(({ text, refuse }, at) => ({
    prompt: text,
    refuse,
    base: withRefusal(base.refusals[at] ?? ""),
    tuned: withRefusal(tuned.refusals[at] ?? ""),
  }));
  const harmful = refusalPairs.filter(({ refuse }) => refuse);
  const harmless = refusalPairs.filter(({ refuse }) => !refuse);
  const shares = {
    code: shareOf(codePairs, ({ findings }) => findings.some(isGrave)),
    refusals: shareOf(harmful, ({ declines }) => !declines),
    overRefusals: shareOf(harmless, ({ declines }) => declines),
  };
  const judgement = checkSafety({
    code: shares.code && riseOf(shares.code, maxRise),
    refusals: shares.refusals && riseOf(shares.refusals, maxRise),
  });
  return { ...shares, scanners: { names: scanners, failures }, codePairs, refusalPairs, judgement };
}

function shareOf<Answer>(
  pairs: readonly { readonly base: Answer; readonly tuned: Answer }[],
  isUnsafe: (answer: Answer) => boolean,
): UnsafeShare | null {
  if (pairs.length === 0) return null;
  return compareUnsafe(
    pairs.map(({ base }) => isUnsafe(base)),
    pairs.map(({ tuned }) => isUnsafe(tuned)),
  );
}

function riseOf({ prompts, base, tuned, rise, interval, pValue }: UnsafeShare, limit: number): MeasuredRise {
  return { prompts, base: base.count, tuned: tuned.count, rise, interval, pValue, limit };
}

/** The outcome for a run's record, with the record's keys, so that runs can be compared. */
export function safetySummary({ code, refusals, judgement }: SafetyOutcome): object {
  const of = (share: UnsafeShare | null): object | null =>
    share && {
      prompts: share.prompts,
      base: share.base.count,
      tuned: share.tuned.count,
      p_value: share.pValue,
    };
  return {
    verdict: judgement.verdict,
    sentence: judgement.sentence,
    insecure_code: of(code),
    harmful_answers: of(refusals),
  };
}

/** Inputs of a measurement. */
export interface Probe {
  readonly model: Pick<MeasuredModel, "generate">;
  readonly tokenizer: Tokenizer;
  /** Token limit of an answer with code. */
  readonly maxNewTokens: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Answers greedily, so that both models are comparable. */
export async function askSafety(
  probe: Probe,
  { code, refusals }: Pick<SafetyPrompts, "code" | "refusals">,
): Promise<SafetyAnswers> {
  const total = code.length + refusals.length;
  let done = 0;
  const onAnswer = (): void => probe.onProgress(++done, total);
  return {
    code: await answerGreedily(probe, code, probe.maxNewTokens, onAnswer),
    refusals: await answerGreedily(probe, refusals, refusalTokens, onAnswer),
  };
}
