/** @file `tunewise/train`: runs an approved plan, resumes and evaluates runs, and compares them. */

import { type Seconds, seconds } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { ApprovedPlan } from "../app/plan/index.ts";
import {
  type EvaluatedRun,
  evaluateRun as evaluate,
  type RunOutcome,
  resumeRun as resume,
  runRecipe as run,
} from "../app/train/index.ts";
import type { CurveGuard } from "../guard/index.ts";
import type { RecipeOverrides } from "../prepare/index.ts";
import type { Runtime } from "../runtime/index.ts";

export type { EventBody } from "@tunewise/core/run";
export { compareRuns, type RunComparison } from "../app/compare/index.ts";
export type { EvaluatedRun, RunOutcome } from "../app/train/index.ts";
export { TunewiseError } from "../problem/index.ts";

/**
 * Options of `runRecipe`.
 *
 * @example
 * import type { RunOptions } from "tunewise/train";
 *
 * const losses: number[] = [];
 * const options: RunOptions = {
 *   onEvent: (event) => {
 *     if (event.kind === "step-end") losses.push(event.loss);
 *   },
 * };
 * options.onEvent?.({ kind: "phase", name: "evaluate", done: 1, total: 8 });
 * console.log(losses.length); // 0
 */
export interface RunOptions {
  /** Called with each event, in order: steps, evaluations, checkpoints, guards. */
  readonly onEvent?: (event: EventBody) => void;
  /** Reason to run although the same experiment ran before; recorded with the run. */
  readonly force?: string;
  /** Maximum minutes without a report during training; then the run is asked to save and stop. Default: 30. */
  readonly stallMinutes?: number;
}

/**
 * Trains within the budget, evaluates the result on held-out rows, and writes the report. A run that ends early leaves
 * a checkpoint to resume from. Its cost is recorded in the ledger.
 *
 * @returns the outcome; money is in micro-dollars, durations are in seconds
 * @throws {TunewiseError} `RUN_DUPLICATE` without a reason in `force`; `TRACKING_ADDRESS_INVALID` and
 *   `TRACKING_KEY_MISSING` if the recipe logs to servers
 * @example
 * import { approve, createRuntime, loadRecipe, planRecipe } from "tunewise/plan";
 * import { runRecipe } from "tunewise/train";
 *
 * const runtime = createRuntime();
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml", runtime), runtime);
 * let steps = 0;
 * const { status, report } = await runRecipe(approve(planned, { kind: "flag" }), runtime, {
 *   onEvent: ({ kind }) => {
 *     if (kind === "step-end") steps++;
 *   },
 * });
 * console.log(status, steps); // completed 8
 * console.log(report?.scores.map(({ metric }) => metric).join(" ")); // json_valid json_match perplexity
 */
export function runRecipe(
  approved: ApprovedPlan,
  runtime: Runtime,
  { onEvent = ignore, force, stallMinutes }: RunOptions = {},
): Promise<RunOutcome> {
  return run(approved, runtime, onEvent, force ?? null, undefined, stallOf(stallMinutes));
}

/**
 * Options of `resumeRun`.
 *
 * @example
 * import type { ResumeOptions } from "tunewise/train";
 *
 * const longer: ResumeOptions = { overrides: { budgetMinutes: 60 }, overrule: "plateau" };
 * console.log(longer.overrides?.budgetMinutes); // 60
 */
export interface ResumeOptions extends RunOptions {
  /** Output folder; default `.tunewise`. */
  readonly output?: string;
  /** Changes to settings that may differ from the first start, such as a higher budget. */
  readonly overrides?: RecipeOverrides;
  /** A guard that only warns from now on instead of stopping the run; recorded with the run. */
  readonly overrule?: CurveGuard;
}

/**
 * Resumes a run from its last checkpoint; the result is bit-identical to that of an uninterrupted run. The approved
 * plan stays in force; only its budget may be raised.
 *
 * @param runId an id, the start of one, `latest`, or a run's folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`; `RUN_NOT_RESUMABLE` if it is completed,
 *   `RUN_DATA_CHANGED` if its rows have changed, `RUN_LOCKED` if another process is running it, `RUN_DUPLICATE`,
 *   `CHECKPOINT_BROKEN`
 * @example
 * import { approve, createRuntime, loadRecipe, planRecipe } from "tunewise/plan";
 * import { resumeRun, runRecipe } from "tunewise/train";
 *
 * const controller = new AbortController();
 * const runtime = createRuntime({ signal: controller.signal });
 * const loaded = await loadRecipe("tunewise.yaml", runtime, { output: "interrupted" });
 * const approved = approve(await planRecipe(loaded, runtime), { kind: "flag" });
 * const { runId, status } = await runRecipe(approved, runtime, {
 *   onEvent: (event) => {
 *     if (event.kind === "step-end" && event.step === 4) controller.abort();
 *   },
 * });
 * console.log(status); // interrupted
 *
 * const resumed = await resumeRun(runId, createRuntime(), { output: "interrupted" });
 * console.log(resumed.status); // completed
 */
export function resumeRun(
  runId: string,
  runtime: Runtime,
  { onEvent = ignore, stallMinutes, ...options }: ResumeOptions = {},
): Promise<RunOutcome> {
  return resume(runId, runtime, { ...options, watch: onEvent, stallSeconds: stallOf(stallMinutes) });
}

/**
 * Options of `evaluateRun`.
 *
 * @example
 * import type { EvaluateOptions } from "tunewise/train";
 *
 * const few: EvaluateOptions = { rows: 100, base: false };
 * console.log(few.rows); // 100
 */
export interface EvaluateOptions {
  /** Output folder; default `.tunewise`. */
  readonly output?: string;
  /** File of rows to use instead of the run's test rows. */
  readonly data?: string;
  /** Maximum number of rows; default: as in the recipe. */
  readonly rows?: number;
  /** Whether the base model is evaluated on the same rows; default: as in the recipe. */
  readonly base?: boolean;
  /** Called as each model answers, with the model's name, the rows done and the total number of rows. */
  readonly onProgress?: (name: string, done: number, total: number) => void;
}

/**
 * Evaluates a run's tuned model, and the base model on the same rows, with the recipe's metrics.
 *
 * @param runId an id, the start of one, `latest`, or a run's folder
 * @returns scores with 95 % confidence intervals, and the verdict on them
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`; `RUN_WITHOUT_ADAPTER` if it saved no result,
 *   `DATA_SPLIT_EMPTY` without rows, `USAGE_INTERRUPTED` if the signal aborts it
 * @example
 * import { createRuntime } from "tunewise/plan";
 * import { evaluateRun } from "tunewise/train";
 *
 * const { rows, scores } = await evaluateRun("latest", createRuntime(), { rows: 4 });
 * console.log(rows, scores.length); // 4 3
 */
export function evaluateRun(
  runId: string,
  runtime: Runtime,
  { onProgress = ignore, ...options }: EvaluateOptions = {},
): Promise<EvaluatedRun> {
  return evaluate(runId, runtime, { ...options, onProgress });
}

function ignore(): void {}

function stallOf(minutes: number | undefined): Seconds | undefined {
  return minutes === undefined ? undefined : seconds(60 * minutes);
}
