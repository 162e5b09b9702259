/** @file Accuracy of plans: estimated and actual values of completed runs. */
import { resolve } from "node:path";
import { type Bytes, bytes, type Range, type Seconds, seconds, type Usd } from "@tunewise/core/quantity";
import type { Run } from "@tunewise/core/run";
import { defaultOutput } from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { withStore } from "../runs/index.ts";
import { readPlanAndPeak } from "./finished-runs.ts";

/** Planned and actual values of a quantity. */
export interface PlannedAndActual<Quantity extends number> {
  readonly planned: Range<Quantity>;
  readonly actual: Quantity;
  /** Relative error: planned / actual - 1. */
  readonly error: number;
  /** Whether the actual value is within the planned range. */
  readonly isInside: boolean;
}

/** A run compared with its plan. */
export interface PlanAccuracy {
  readonly runId: string;
  readonly wall: PlannedAndActual<Seconds>;
  /** `null` if the plan had no price or nothing was paid. */
  readonly cost: PlannedAndActual<Usd> | null;
  /** `null` for an older run without a recorded peak. */
  readonly memory: PlannedAndActual<Bytes> | null;
  /** Whether training time was estimated from a probe of real steps. */
  readonly isProbed: boolean;
}

/** Accuracy of all runs, individually and in summary. */
export interface AccuracyReport {
  readonly runs: readonly PlanAccuracy[];
  readonly wall: ErrorSummary | null;
  readonly cost: ErrorSummary | null;
  readonly memory: ErrorSummary | null;
}

/** Error statistics of several runs. */
export interface ErrorSummary {
  readonly count: number;
  /** Median absolute error. */
  readonly median: number;
  readonly worst: number;
  /** Fraction of runs within their planned range. */
  readonly inside: number;
}

/** Maximum number of runs to examine, newest first. */
export const maxPlanRuns = 200;

/** Compares the completed runs of an output folder with their plans, newest first. */
export async function measurePlanAccuracy(
  runtime: Runtime,
  output: string = defaultOutput,
): Promise<AccuracyReport> {
  const runs = await withStore(runtime, output, (store) =>
    store.listRuns({ limit: maxPlanRuns, status: "completed" }),
  );
  return summarizeAccuracy(
    await Promise.all(runs.map((run) => accuracyOf(run, resolve(runtime.cwd, output)))),
  );
}

/** Summarizes the accuracy of runs. Runs that cannot be compared with their plan are `null` and excluded. */
export function summarizeAccuracy(judged: readonly (PlanAccuracy | null)[]): AccuracyReport {
  const found = judged.filter((one) => one !== null);
  return {
    runs: found,
    wall: summarizeErrors(found.map(({ wall }) => wall)),
    cost: summarizeErrors(found.flatMap(({ cost }) => cost ?? [])),
    memory: summarizeErrors(found.flatMap(({ memory }) => memory ?? [])),
  };
}

/**
 * Compares a completed run with its plan. Returns `null` if the plan is missing or does not model the run.
 *
 * @param output absolute path of the output folder
 */
export async function accuracyOf(run: Run, output: string): Promise<PlanAccuracy | null> {
  const found = await readPlanAndPeak(run, output);
  if (found === null) return null;
  const { plan, peakBytes } = found;
  return {
    runId: run.id,
    wall: compareValue(plan.time.seconds, seconds(run.wallSeconds)),
    cost:
      plan.cost.usd.expected > 0 && run.spentMicroUsd > 0
        ? compareValue(plan.cost.usd, run.spentMicroUsd as Usd)
        : null,
    memory: peakBytes === null ? null : compareValue(plan.memory.peakBytes, bytes(peakBytes)),
    isProbed: plan.time.isProbed,
  };
}

function compareValue<Quantity extends number>(
  planned: Range<Quantity>,
  actual: Quantity,
): PlannedAndActual<Quantity> {
  return {
    planned,
    actual,
    error: planned.expected / actual - 1,
    isInside: actual >= planned.low && actual <= planned.high,
  };
}

function summarizeErrors(hits: readonly PlannedAndActual<number>[]): ErrorSummary | null {
  const sizes = hits.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  const worst = sizes.at(-1);
  if (worst === undefined) return null;
  return {
    count: hits.length,
    median: sizes[Math.floor(sizes.length / 2)] ?? worst,
    worst,
    inside: hits.filter(({ isInside }) => isInside).length / hits.length,
  };
}
