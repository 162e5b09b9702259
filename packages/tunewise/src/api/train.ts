/** @file `tunewise/train`: runs an approved plan, resumes and evaluates runs, opens their models, and compares them. */

import { type Seconds, seconds } from "@tunewise/core/quantity";
import type { EventBody as EventHere } from "@tunewise/core/run";
import { type RunComparison as ComparisonHere, compareRuns as compare } from "../app/compare/index.ts";
import { openModel as open, type RunModel } from "../app/inference/index.ts";
import { requireBudgetLeft } from "../app/runs/index.ts";
import {
  type EvaluatedRun,
  evaluateRun as evaluate,
  type RunOutcome as OutcomeHere,
  resumeRun as resume,
  runApproved,
  trainAndReport,
} from "../app/train/index.ts";
import type { CurveGuard } from "../guard/index.ts";
import type { OnDownload, RecipeOverrides } from "../prepare/index.ts";
import { type InDollars, toDollars } from "./dollars.ts";
import {
  findPlace,
  type PlacementOptions,
  placeRun,
  type TrainingPlace,
  type WorkerPlace,
} from "./placement.ts";
import { type ApprovedPlan, inside } from "./planned.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { Message } from "@tunewise/core/rows";
export type { GeneratedAnswer, GenerateOptions, RunModel } from "../app/inference/index.ts";
export type { EvaluatedRun } from "../app/train/index.ts";
export type { CurveGuard } from "../guard/index.ts";
export type { OnDownload, RecipeOverrides } from "../prepare/index.ts";
export { TunewiseError } from "../problem/index.ts";
export type { Runtime } from "../runtime/index.ts";
export type { PlacementOptions, TrainingPlace, WorkerPlace } from "./placement.ts";
export type { ApprovedPlan } from "./planned.ts";
export type { WithRuntime } from "./runtime.ts";

/**
 * Content of an event. Values are plain JSON numbers in the named unit.
 *
 * @example
 * import type { EventBody } from "tunewise/train";
 *
 * const lineOf = (event: EventBody): string =>
 *   event.kind === "evaluation-end" ? `step ${event.step}: validation loss ${event.loss}` : event.kind;
 * console.log(lineOf({ kind: "evaluation-end", step: 4, loss: 0.5, wallSeconds: 1 })); // step 4: validation loss 0.5
 */
export type EventBody = InDollars<EventHere>;

/**
 * Outcome of a run.
 *
 * @example
 * import type { RunOutcome } from "tunewise/train";
 *
 * // whether a resume would continue the run
 * const isResumable = ({ status }: Pick<RunOutcome, "status">): boolean => status !== "completed";
 * console.log(isResumable({ status: "interrupted" })); // true
 */
export interface RunOutcome extends InDollars<OutcomeHere> {}

/**
 * Compared runs, and their aggregates over seeds.
 *
 * @example
 * import { compareRuns, type RunComparison } from "tunewise/train";
 *
 * // counts the seeds that each way of training was tried with
 * const seedsOf = ({ variants }: RunComparison): number[] => variants.map(({ runs }) => runs.length);
 * console.log(seedsOf(await compareRuns(["latest"]))); // [ 1 ]
 */
export interface RunComparison extends InDollars<ComparisonHere> {}

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
export interface RunOptions extends WithRuntime {
  /**
   * Where to train, if not where the plan was made for. Plan for the same place, so that its GPUs are in the estimates:
   * `planRecipe(loaded, { placement })`.
   */
  readonly placement?: TrainingPlace | PlacementOptions;
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
 * @returns the outcome; money is in dollars, durations are in seconds
 * @throws {TunewiseError} `RUN_DUPLICATE` without a reason in `force`; `SHARED_BUDGET_SPENT`; `RUN_BLOCKED` if it
 *   cannot run at `placement`; `TRACKING_ADDRESS_INVALID` and `TRACKING_KEY_MISSING` if the recipe logs to servers
 * @example
 * import { approve, loadRecipe, planRecipe } from "tunewise/plan";
 * import { runRecipe } from "tunewise/train";
 *
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml"));
 * let steps = 0;
 * const { status, report } = await runRecipe(approve(planned, { kind: "flag" }), {
 *   onEvent: ({ kind }) => {
 *     if (kind === "step-end") steps++;
 *   },
 * });
 * console.log(status, steps); // completed 8
 * console.log(report?.scores.map(({ metric }) => metric).join(" ")); // json_valid json_match perplexity
 */
export async function runRecipe(
  approved: ApprovedPlan,
  { placement, onEvent = ignore, force, stallMinutes, ...options }: RunOptions = {},
): Promise<RunOutcome> {
  const runtime = runtimeOf(options);
  const given = approved[inside];
  await requireBudgetLeft(given.prepared, runtime);
  const place =
    placement === undefined
      ? given.placement
      : await placeRun(given, await findPlace(placement, runtime), runtime);
  const stallSeconds = stallOf(stallMinutes);
  const run = { force: force ?? null, stallSeconds, onEvent: watchOf(onEvent), work: trainAndReport };
  return outcomeOf(await runApproved({ ...given, placement: place }, run, runtime));
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
export interface ResumeOptions extends Omit<RunOptions, "placement"> {
  /** Another place for a run of the worker; default: where it was computed. */
  readonly placement?: WorkerPlace | PlacementOptions<WorkerPlace>;
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
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml", { output: "interrupted" }));
 * const { runId, status } = await runRecipe(approve(planned, { kind: "flag" }), {
 *   runtime: createRuntime({ signal: controller.signal }),
 *   onEvent: (event) => {
 *     if (event.kind === "step-end" && event.step === 4) controller.abort();
 *   },
 * });
 * console.log(status); // interrupted
 *
 * const resumed = await resumeRun(runId, { output: "interrupted" });
 * console.log(resumed.status); // completed
 */
export async function resumeRun(
  runId: string,
  { runtime, placement, onEvent = ignore, stallMinutes, ...options }: ResumeOptions = {},
): Promise<RunOutcome> {
  const used = runtimeOf({ runtime });
  const site = placement === undefined ? null : (await findPlace(placement, used)).site;
  const stallSeconds = stallOf(stallMinutes);
  return outcomeOf(await resume(runId, used, { ...options, site, watch: watchOf(onEvent), stallSeconds }));
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
export interface EvaluateOptions extends WithRuntime {
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
 * import { evaluateRun } from "tunewise/train";
 *
 * const { rows, scores } = await evaluateRun("latest", { rows: 4 });
 * console.log(rows, scores.length); // 4 3
 */
export function evaluateRun(
  runId: string,
  { runtime, onProgress = ignore, ...options }: EvaluateOptions = {},
): Promise<EvaluatedRun> {
  return evaluate(runId, runtimeOf({ runtime }), { ...options, onProgress });
}

/** Options of `openModel`. */
export interface OpenModelOptions extends WithRuntime {
  /** Output folder; default `.tunewise`. */
  readonly output?: string;
  /** Whether to open a run's base model in place of its result. */
  readonly base?: boolean;
  /** Called with the progress of each download. */
  readonly onDownload?: OnDownload;
}

/**
 * Opens a run's tuned model to answer prompts. Close it to free its memory.
 *
 * @param run an id, the start of one, or `latest`; also a recipe (`.yaml`) or a model (hub id, folder, `.gguf` file)
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `RUN_MODEL_UNSUPPORTED`, `MODEL_NOT_FOUND`
 * @example
 * import { openModel } from "tunewise/train";
 *
 * const model = await openModel("latest");
 * const answers = await model.generate(["Where is my order?", "Cancel it."], { maxNewTokens: 4 });
 * console.log(answers.map(({ tokens, end }) => `${tokens} ${end}`)); // [ '4 length', '4 length' ]
 * await model.close();
 */
export function openModel(run: string, { runtime, ...options }: OpenModelOptions = {}): Promise<RunModel> {
  return open(run, runtimeOf({ runtime }), options);
}

/** Options of `compareRuns`. */
export interface CompareOptions extends WithRuntime {
  /** Output folder; default `.tunewise`. */
  readonly output?: string;
}

/**
 * Compares runs.
 *
 * @param runs ids, starts of ids, or `latest`; default: the runs on the newest run's data and model, newest first
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 * @example
 * import { compareRuns } from "tunewise/train";
 *
 * const { runs } = await compareRuns();
 * console.log(runs[0]?.method, runs[0]?.metric, runs[0]?.incomparableBecause.length); // LoRA 4 json_valid 0
 */
export async function compareRuns(
  runs: readonly string[] = [],
  { output, ...options }: CompareOptions = {},
): Promise<RunComparison> {
  return toDollars(await compare(runs, runtimeOf(options), output), "RunComparison");
}

function ignore(): void {}

function outcomeOf(outcome: OutcomeHere): RunOutcome {
  return toDollars(outcome, "RunOutcome");
}

function watchOf(onEvent: (event: EventBody) => void): (event: EventHere) => void {
  return (event) => onEvent(toDollars(event, "EventBody"));
}

function stallOf(minutes: number | undefined): Seconds | undefined {
  return minutes === undefined ? undefined : seconds(60 * minutes);
}
