/**
 * @file Finished runs of this machine beside their plans: what the next plan is calibrated by.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type FinishedRun, readPlan } from "../../plan/index.ts";
import type { Run } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { openStore, storePath } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { isTraining, trialOf } from "../runs/index.ts";

/** Runs that are looked at, newest first, and how many of them count: a machine changes with the years. */
const most = { looked: 200, counted: 30 } as const;

/**
 * Completed runs in a record that say something about a plan made here and now: trained for their own sake in one
 * sitting, by this version of the engine, on this processor, with as many threads. A record that is not there, or
 * cannot be read at the moment, has none: a plan is then what it is without.
 *
 * @param output folder of the record
 * @param threads as the recipe says
 */
export async function finishedRuns(
  host: Host,
  output: string,
  threads: number | null,
): Promise<FinishedRun[]> {
  const alike = (await runsOf(output, { status: "completed" })).filter(
    (run) => isTraining(run) && isSameMachine(run, host) && threadsOf(run) === threads,
  );
  const read = await Promise.all(alike.slice(0, most.counted).map((run) => besidePlan(run, output)));
  return read.filter((run) => run !== null);
}

/** Whether a record has trials of a search with a model on the same rows. */
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
      return await store.listRuns({ limit: most.looked, ...narrowed });
    } finally {
      await store.close();
    }
  } catch {
    return [];
  }
}

function isSameMachine({ versions }: Run, host: Host): boolean {
  const then = fieldsOf(versions);
  return (["tunewise", "platform", "cpu"] as const).every((name) => then[name] === host.versions[name]);
}

function threadsOf({ configuration }: Run): number | null {
  const threads = (fieldsOf(configuration)["machine"] as { threads?: unknown } | undefined)?.threads;
  return typeof threads === "number" ? threads : null;
}

/** `null`: its plan cannot be read, or the run started more than once, which no plan knows of. */
async function besidePlan(run: Run, output: string): Promise<FinishedRun | null> {
  const text = await readTextFile(join(output, run.folder, "plan.json")).catch(() => null);
  const plan = text === null ? null : readPlan(text).plan;
  const summary = fieldsOf(run.summary);
  if (plan === null || run.wallSeconds <= 0 || (summary["sessions"] ?? 1) !== 1) return null;
  const peak = summary["memory_bytes_peak"];
  const hasPeak = typeof peak === "number" && peak > 0;
  // what earlier runs did to a plan is taken out, or it would count twice; plans before that had none
  const { seconds, bytes } = {
    seconds: plan.calibration?.uncalibratedSeconds ?? plan.time.seconds,
    bytes: plan.calibration?.uncalibratedBytes ?? plan.memory.peakBytes,
  };
  return {
    plannedSeconds: seconds.expected,
    takenSeconds: run.wallSeconds,
    plannedBytes: hasPeak ? bytes.expected : null,
    takenBytes: hasPeak ? peak : null,
    isProbed: plan.time.isProbed,
  };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
