/** @file Finished runs of this machine and their plans, which calibrate the next plan. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isTraining, type Run, trainingOf, trialOf } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { openStore, storePath } from "@tunewise/tracker";
import { executedSpec } from "../../executors/index.ts";
import { type FinishedRun, finishedOn, type Plan, readPlan } from "../../plan/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Maximum numbers of runs to examine and to use, newest first. Older runs are not used, because machines change. */
const limits = { examined: 200, used: 30 } as const;

/**
 * Completed runs that are comparable to a new plan: trainings in one session, with this version of the engine, on this
 * CPU, with the same number of threads. Returns none if the record is missing or unreadable; the plan is then not
 * calibrated.
 *
 * @param output folder of the record
 * @param threads the recipe's number of threads
 */
export async function finishedRuns(
  runtime: Runtime,
  output: string,
  threads: number | null,
): Promise<FinishedRun[]> {
  const completed = (await completedRuns(runtime, output)).filter((run) => threadsOf(run) === threads);
  const alike: Run[] = [];
  for (const run of completed) {
    // a run of the worker says nothing about the engine's speed
    const placement = (await executedSpec(join(output, run.folder)))?.placement;
    if (placement?.kind !== "torch") alike.push(run);
    if (alike.length === limits.used) break;
  }
  const read = await Promise.all(alike.map((run) => finishedRun(run, output)));
  return read.filter((run) => run !== null);
}

/** Completed runs of the worker on the same number of GPUs of the same name, with their planned values. */
export async function finishedOnCards(
  runtime: Runtime,
  output: string,
  device: string,
  count: number,
): Promise<FinishedRun[]> {
  const found: FinishedRun[] = [];
  for (const run of await runsOf(output, { status: "completed" })) {
    if (!isTraining(run) || !isOfVersion(run, runtime)) continue;
    const known = await readPlanAndPeak(run, output);
    const place = known?.plan.places.find(({ kind }) => kind === "own");
    if (!known || place?.device !== device || place.deviceCount !== count) continue;
    // the plan lists these GPUs, but the engine may have computed the run
    const placement = (await executedSpec(join(output, run.folder)))?.placement;
    if (placement?.kind !== "torch" || placement.device !== "cuda") continue;
    const finished = finishedOn(place, { seconds: run.wallSeconds, reservedBytes: known.peakBytes });
    if (finished !== null) found.push(finished);
    if (found.length === limits.used) break;
  }
  return found;
}

function isOfVersion({ versions }: Run, runtime: Runtime): boolean {
  return fieldsOf(versions)["tunewise"] === runtime.versions["tunewise"];
}

/** Completed training runs of this version on this CPU, newest first. */
export async function completedRuns(runtime: Runtime, output: string): Promise<readonly Run[]> {
  const runs = await runsOf(output, { status: "completed" });
  return runs.filter((run) => isTraining(run) && isSameMachine(run, runtime));
}

/** The method of a run: `lora`, `qlora` or `full`. */
export function methodOf({ configuration }: Run): string | null {
  const kind = (fieldsOf(configuration)["method"] as { kind?: unknown } | undefined)?.kind;
  return typeof kind === "string" ? kind : null;
}

/** Whether the record has search trials of the model on the same rows. */
export async function wasSearched(output: string, model: string, dataFingerprint: string): Promise<boolean> {
  const runs = await runsOf(output, {});
  return runs.some(
    (run) => trialOf(run) !== null && run.model === model && run.dataFingerprint === dataFingerprint,
  );
}

async function runsOf(output: string, narrowed: { readonly status?: "completed" }): Promise<readonly Run[]> {
  const path = storePath(output);
  if (!existsSync(path)) return [];
  try {
    const store = await openStore(path);
    try {
      return await store.listRuns({ limit: limits.examined, ...narrowed });
    } finally {
      await store.close();
    }
  } catch {
    return [];
  }
}

function isSameMachine({ versions }: Run, runtime: Runtime): boolean {
  const then = fieldsOf(versions);
  return (["tunewise", "platform", "cpu"] as const).every((name) => then[name] === runtime.versions[name]);
}

function threadsOf({ configuration }: Run): number | null {
  const threads = (fieldsOf(configuration)["machine"] as { threads?: unknown } | undefined)?.threads;
  return typeof threads === "number" ? threads : null;
}

async function finishedRun(run: Run, output: string): Promise<FinishedRun | null> {
  const found = await readPlanAndPeak(run, output);
  if (found === null) return null;
  const { plan, peakBytes } = found;
  // Uses the estimates before calibration, which would otherwise be applied twice. Older plans have no calibration.
  const { seconds, bytes } = {
    seconds: plan.calibration?.uncalibratedSeconds ?? plan.time.seconds,
    bytes: plan.calibration?.uncalibratedBytes ?? plan.memory.peakBytes,
  };
  return {
    plannedSeconds: seconds.expected,
    takenSeconds: run.wallSeconds,
    plannedBytes: peakBytes === null ? null : bytes.expected,
    takenBytes: peakBytes,
    isProbed: plan.time.isProbed,
  };
}

/**
 * Returns a run's plan and its peak memory, which is `null` if not recorded. Returns `null` if the plan is unreadable
 * or the run has several sessions, which plans do not model.
 */
export async function readPlanAndPeak(
  run: Run,
  output: string,
): Promise<{ readonly plan: Plan; readonly peakBytes: number | null } | null> {
  const text = await readTextFile(join(output, run.folder, "plan.json")).catch(() => null);
  const plan = text === null ? null : readPlan(text).plan;
  const training = trainingOf(run);
  if (plan === null || run.wallSeconds <= 0 || (training?.sessions ?? 1) !== 1) return null;
  const peak = training?.memory_bytes_peak ?? 0;
  return { plan, peakBytes: peak > 0 ? peak : null };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
