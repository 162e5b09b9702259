/**
 * @file Trains a segment of a trial, from the saved state to a fraction of its steps and within a cost cap, and ends
 * with the validation loss. Does not read test rows.
 */

import { dollars, type Usd } from "@tunewise/core/quantity";
import type { EventBody, Executor, TrialSummary } from "@tunewise/core/run";
import { openRuns, type RunChange } from "@tunewise/tracker";
import { stepAt } from "../../executors/index.ts";
import type { BudgetSection, Recipe } from "../../recipe/index.ts";
import type { SearchRate } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type BegunRun, type RunSession, runApproved, type TrainingEnd, train } from "../train/index.ts";
import type { PreparedTrial } from "./prepare-trial.ts";

/** How far to train a trial. */
export interface SegmentRequest {
  readonly search: string;
  readonly trial: number;
  /** Fraction of the rows; omitted for all rows. */
  readonly slice?: number;
  /** Number of earlier segments of the trial. */
  readonly turn: number;
  /** Fraction of the trial's own steps. */
  readonly to: number;
  /** Maximum total cost of the run, including earlier segments. */
  readonly capUsd: Usd;
  /** Rate of the trial's share of the machine. */
  readonly rate: SearchRate;
}

/** Result of a segment. `at` is the saved fraction of the steps. `curve` pairs fractions with validation losses. */
export interface SegmentResult {
  readonly status: "reached" | "failed" | "cut" | "interrupted" | "halted";
  readonly to: number;
  readonly at: number;
  readonly value: number | null;
  readonly curve: readonly (readonly [number, number])[];
  /** Why the segment ended before its rung; empty if it reached it. */
  readonly sentence: string;
}

/** Summary of a trial between its segments. */
interface Paused extends TrialSummary {
  readonly turn: number;
  readonly segment: SegmentResult;
  readonly validation_loss: number | null;
}

/** Parts of a plan that a segment does not run, so that no budget is reserved for them. */
const evaluationParts: ReadonlySet<string> = new Set(["test-base", "test-tuned", "forgetting"]);

/**
 * Trains a segment. If an earlier execution finished it, returns the recorded result.
 *
 * @param executor runs the training; defaults to that of the placement
 */
export async function trainSegment(
  place: BegunRun,
  trial: PreparedTrial,
  request: SegmentRequest,
  runtime: Runtime,
  watch: (event: EventBody) => void,
  executor?: Executor,
): Promise<SegmentResult> {
  const ended = await finishedSegment(place, request);
  if (ended !== null) return ended;
  const work = async (session: RunSession): Promise<SegmentResult> => {
    const result = resultOf(await train(session), session, request.to);
    await session.recorder.write(pauseChange(result, request, runtime));
    return result;
  };
  const { stallSeconds } = trial;
  const how = { begun: place, until: request.to, executor, stallSeconds, work, onEvent: watch };
  return runApproved(withoutEvaluation(trial, request), how, runtime);
}

/**
 * The first loss at or after a step, or `null` if there is none or it is not finite. If a `tunewise resume` continued
 * beyond the step, this is the nearest available loss.
 */
export function lossAtOrAfter(
  curve: readonly (readonly [step: number, loss: number])[],
  step: number,
): number | null {
  const loss = curve.find(([at]) => at >= step)?.[1];
  return loss !== undefined && Number.isFinite(loss) ? loss : null;
}

/** Budget of a run that a search pays for. It replaces the recipe's own budget. */
export function budgetFor(capUsd: Usd, { isMoney, usdPerHour }: SearchRate): BudgetSection {
  return isMoney
    ? { usd: dollars(capUsd), minutes: null }
    : { usd: null, minutes: (60 * capUsd) / usdPerHour };
}

function withoutEvaluation(trial: PreparedTrial, { capUsd, rate }: SegmentRequest): PreparedTrial {
  const { prepared, plan } = trial;
  const parts = plan.time.parts.filter(({ name }) => !evaluationParts.has(name));
  const { forgetting, safety } = prepared.recipe;
  const recipe: Recipe = {
    ...prepared.recipe,
    budget: budgetFor(capUsd, rate),
    forgetting: { ...forgetting, measure: false },
    safety: { ...safety, code: "off", refusals: "off" },
  };
  return {
    ...trial,
    prepared: { ...prepared, recipe, forgetting: null },
    plan: { ...plan, time: { ...plan.time, parts } },
  };
}

/**
 * Returns the recorded result of this segment if it finished. A kill may occur after its end but before the search logs
 * it.
 */
export async function finishedSegment(
  place: BegunRun,
  request: SegmentRequest,
): Promise<SegmentResult | null> {
  const stretch = await recordedSegment(place, request);
  return stretch && !["interrupted", "halted"].includes(stretch.status) ? stretch : null;
}

/** Returns the recorded result of this segment, even if it was interrupted; `null` if there is none. */
export async function recordedSegment(
  { runId, output }: BegunRun,
  request: SegmentRequest,
): Promise<SegmentResult | null> {
  const store = await openRuns(output);
  try {
    const {
      search,
      trial,
      turn,
      segment: stretch,
    } = JSON.parse((await store.findRun(runId)).summary) as Partial<Paused>;
    if (search !== request.search || trial !== request.trial || turn !== request.turn) return null;
    return stretch ?? null;
  } finally {
    await store.close();
  }
}

function resultOf(end: TrainingEnd, { start: { steps } }: RunSession, to: number): SegmentResult {
  const { step, curves } = end.state;
  const { validation } = curves;
  const curve = validation.map(([at, loss]) => [at / steps, loss] as const);
  const loss = lossAtOrAfter(validation, stepAt(to, steps));
  const stop = end.guards.map(({ verdict }) => verdict).findLast(({ act }) => act === "stop");
  const about = {
    to,
    curve: curve.filter(([share]) => share < to),
    sentence: stop?.act === "stop" ? stop.sentence : "",
  };
  const at = Math.min(to, step / steps);
  if (end.status === "completed") {
    if (loss !== null) return { ...about, status: "reached", at: to, value: loss };
    return { ...about, status: "failed", at, value: null, sentence: "its validation loss is no number" };
  }
  if (end.status === "interrupted") return { ...about, status: "interrupted", at, value: null };
  if (stop?.act !== "stop" || stop.by === "guard") return { ...about, status: "failed", at, value: null };
  return { ...about, status: stop.cap === undefined ? "halted" : "cut", at, value: null };
}

/** The record's changes for a run whose segment has ended, so that the search or `resume` can continue it. */
export function pauseChange(
  stretch: SegmentResult,
  { search, trial, slice, turn }: SegmentRequest,
  runtime: Pick<Runtime, "now">,
): RunChange {
  const which = { search, trial, ...(slice === undefined ? {} : { slice }) };
  const summary: Paused = { kind: "trial", ...which, turn, segment: stretch, validation_loss: stretch.value };
  const isOwn = stretch.status === "failed" || stretch.status === "interrupted";
  return {
    status: isOwn ? stretch.status : "stopped",
    ...(isOwn ? {} : { stoppedBy: "search" as const }),
    endedAt: runtime.now().toISOString(),
    summary: JSON.stringify(summary),
  };
}
