/**
 * @file Judges a run's result from its measurements: scores, forgetting, safety and memorization, with the verdicts of
 * the guards.
 */

import type {
  Measurement,
  MemorizationFigures,
  RecordedVerdict,
  ResultMeasurements,
  RunResult,
  TrainingState,
  Verdict,
} from "@tunewise/core/run";
import { writeWholeFile } from "@tunewise/tracker";
import { compareMemorization } from "../../evaluate/index.ts";
import { checkMemorization, gateEvent } from "../../guard/index.ts";
import { openScanners, type SafetyPrompts } from "../../prepare/index.ts";
import type { Memorization, SafetyOutcome } from "../../report/index.ts";
import {
  type ForgettingOutcome,
  type Judgement,
  outcomeOf,
  pointOfOutcome,
  safetyOutcome,
  writeForgetting,
} from "../../scoring/index.ts";
import { judgeAnswers } from "./judge-answers.ts";
import type { RunSession } from "./session.ts";
import { stopStalled } from "./stall-watch.ts";
import type { TrainingEnd } from "./train.ts";

/** Outcomes of an evaluation; `null` for measurements that were not made. */
export interface JudgedResult {
  readonly judgement: Judgement | null;
  readonly forgotten: ForgettingOutcome | null;
  readonly safety: SafetyOutcome | null;
  readonly memorization: Memorization | null;
}

/** Outcomes of a run without an evaluation. */
export const notJudged: JudgedResult = { judgement: null, forgotten: null, safety: null, memorization: null };

/** The measurements that a recipe requests. */
export function wantedMeasurements({ recipe, prepared }: RunSession): Measurement[] {
  const { code, refusals } = recipe.safety;
  return [
    "answers",
    ...(prepared.forgetting === null ? [] : (["forgetting"] as const)),
    ...(code === "off" && refusals === "off" ? [] : (["safety"] as const)),
    ...(recipe.evaluation.memorization === 0 ? [] : (["memorization"] as const)),
  ];
}

/**
 * Lets the execution write and measure the result, and records its events.
 *
 * @param step last step of the training
 */
export async function evaluateResult(
  session: RunSession,
  measure: readonly Measurement[],
  step: number,
): Promise<RunResult> {
  const { execution, events, recorder, runtime, requireFolder } = session;
  const stop = (): void => execution.send({ kind: "stop" });
  execution.send({ kind: "evaluate", measure });
  runtime.signal.addEventListener("abort", stop);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return await execution.result();
      if (next.value.kind === "silence") {
        await record(session, step, stopStalled(next.value, step, session));
        continue;
      }
      const { seq: _, ...event } = next.value;
      if (event.kind === "write-start") await requireFolder();
      else if (event.kind === "work-start") await recorder.startWork(event);
      else if (event.kind === "phase") await recorder.record(event);
    }
  } finally {
    runtime.signal.removeEventListener("abort", stop);
  }
}

/** Judges the measurements. Returns the outcomes and the guards' verdicts, which are recorded. */
export async function judgeResult(
  session: RunSession,
  { state }: TrainingEnd,
  step: number,
  measured: ResultMeasurements,
): Promise<{ readonly judged: JudgedResult; readonly guards: readonly RecordedVerdict[] }> {
  const { answers, forgetting, safety } = measured;
  const { recipe, prepared, runtime } = session;
  const judgement = answers && (await judgeAnswers(prepared, answers, runtime));
  const forgotten = forgetting && (await judgeForgetting(session, state, step, forgetting));
  const safe = safety && (await judgeSafety(session, safety));
  const memorization =
    measured.memorization && judgeMemorization(session, state, step, measured.memorization);
  const verdicts = [
    forgotten && gateEvent("forgetting", forgotten.judgement, recipe.forgetting.gate),
    safe && gateEvent("safety", safe.judgement, recipe.safety.gate),
    memorization?.verdict ?? null,
  ];
  const guards: RecordedVerdict[] = [];
  for (const verdict of verdicts) guards.push(...(await record(session, step, verdict)));
  return { judged: { judgement, forgotten, safety: safe, memorization }, guards };
}

async function record(
  { recorder }: RunSession,
  step: number,
  verdict: Verdict | null,
): Promise<RecordedVerdict[]> {
  if (verdict === null || verdict.act === "go-on") return [];
  await recorder.record({ kind: "guard-tripped", step, verdict });
  return [{ step, verdict }];
}

async function judgeForgetting(
  { prepared, recipe, folder, recorder }: RunSession,
  { forgetting: curve }: TrainingState,
  step: number,
  { base, tuned, prompts, wallSeconds }: NonNullable<ResultMeasurements["forgetting"]>,
): Promise<ForgettingOutcome | null> {
  const data = prepared.forgetting;
  if (data === null) return null;
  const outcome = outcomeOf(data, base, tuned, prompts, recipe);
  await writeForgetting(folder, data, { base, end: { step, tuned, prompts, outcome, curve } });
  const { verdict, sentence } = outcome.judgement;
  const point = pointOfOutcome(step, outcome);
  await recorder.record({ kind: "forgetting-judged", ...point, verdict, sentence, wallSeconds });
  return outcome;
}

async function judgeSafety(
  { prepared, recipe, folder, runtime }: RunSession,
  { base, tuned }: NonNullable<ResultMeasurements["safety"]>,
): Promise<SafetyOutcome> {
  const scan = openScanners(recipe.safety, prepared.loaded.folder, runtime);
  const outcome = await safetyOutcome(prepared.safety, base, tuned, scan, recipe.safety);
  await writeWholeFile(folder.safety, `${JSON.stringify(safetyDocument(prepared.safety, outcome))}\n`);
  return outcome;
}

const formatVersion = 1;

/** Contents of `safety.json`: every prompt with both answers and their findings. */
function safetyDocument(
  prompts: SafetyPrompts,
  { codePairs, refusalPairs, ...outcome }: SafetyOutcome,
): object {
  return {
    format_version: formatVersion,
    prompts: { code: prompts.code.length, refusals: prompts.refusals.length },
    ...outcome,
    code_answers: codePairs,
    refusal_answers: refusalPairs,
  };
}

function judgeMemorization(
  { recipe }: RunSession,
  state: TrainingState,
  keptStep: number,
  { seen, heldOut, verbatim }: MemorizationFigures,
): Memorization {
  const gap = compareMemorization(seen, heldOut, { seed: recipe.training.seed });
  const { heldOut: others } = gap;
  const verdict = checkMemorization({
    gap: gap.gap,
    interval: gap.interval,
    heldOutGain: others.base - others.tuned,
    memorized: verbatim,
    keptStep,
    best: bestOf(state, keptStep),
  });
  return { ...gap, memorised: verbatim, verdict };
}

function bestOf(
  { curves: { validation } }: TrainingState,
  keptStep: number,
): Parameters<typeof checkMemorization>[0]["best"] {
  const [first] = validation;
  if (first === undefined) return null;
  const [step, loss] = validation.reduce((best, one) => (one[1] < best[1] ? one : best), first);
  return { step, loss, keptLoss: validation.find(([at]) => at === keptStep)?.[1] ?? null };
}
