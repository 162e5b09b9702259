/**
 * @file Updates a store's ledger from this machine's meters before totals are read. Covers commands whose launcher is
 * gone, and killed runs. Each micro-dollar is recorded once, no matter which process reads first.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { StopCause } from "@tunewise/core/run";
import type { TrackingContext } from "@tunewise/tracker";
import {
  defaultOutput,
  findLaunch,
  findTrackedRunOrNull,
  isAddress,
  type LaunchRegistry,
  type LaunchReport,
  storeLaunchRegistry,
  takeLock,
  withExistingStore,
  writeWholeFile,
} from "@tunewise/tracker";
import { endUnstarted, type RunMeter, readMeter, type StopReason } from "../../../launch/index.ts";
import { isProblemIn } from "../../../problem/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import { settleTicks } from "../../runs/index.ts";
import { resultMetrics } from "../result-metrics.ts";

/**
 * Records a store's outstanding meter readings. If the store is not writable now, the next reader records them.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 */
export async function settleMeters(
  word: string | undefined,
  runtime: Pick<Runtime, "cwd" | "now" | "processes">,
): Promise<void> {
  const place = word ?? defaultOutput;
  // A command may be registered in one store while its meter is in the default folder.
  const folders = isAddress(place) ? [defaultOutput] : [...new Set([place, defaultOutput])];
  const roots = folders.map((folder) => join(resolve(runtime.cwd, folder), "exec"));
  try {
    if (!isAddress(place)) await settleTicks(resolve(runtime.cwd, place), runtime);
    for (const root of roots) {
      if ((await unsettledIn(root)).length === 0) continue;
      await withExistingStore(word, runtime, (database) =>
        settleLaunches(
          {
            database,
            resultMetrics,
            write: (work) => database.transaction(work),
            now: () => runtime.now().getTime(),
          },
          root,
          runtime,
        ),
      );
    }
  } catch (error) {
    if (!isProblemIn(error, "store", "run-file")) throw error;
  }
}

/**
 * Records the meter readings of commands registered in this store.
 *
 * @param root folder that contains a folder per command
 */
export async function settleLaunches(
  context: Pick<TrackingContext, "database" | "write" | "now" | "resultMetrics">,
  root: string,
  { processes, now }: Pick<Runtime, "now" | "processes">,
): Promise<void> {
  await endUnstarted(root, {
    host: processes.host,
    now,
    writeWhole: (path, text) => writeWholeFile(path, text),
    startOf: (pid) => processes.startOf(pid),
    takeLock: (path) => takeLock(path, processes, now(), randomUUID()),
  });
  const registry = storeLaunchRegistry(context);
  for (const name of await unsettledIn(root)) {
    const meter = readMeter(join(root, name));
    if (meter === null || meter.status === "starting") continue;
    const run = await findTrackedRunOrNull(context.database, meter.runId);
    if (run === null || (await findLaunch(context.database, run.number)) === null) continue;
    if (meter.status === "ended") await reportEnd(registry, join(root, name), meter);
    else await registry.report(meter.runId, reportOf(meter));
  }
}

async function unsettledIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch((): string[] => []);
  return names.filter((name) => !existsSync(join(root, name, settledFile))).sort();
}

/** File that marks a meter as fully reported. */
export const settledFile = "settled.json";

/** Converts a meter to a report. */
export function reportOf(meter: RunMeter): LaunchReport {
  const { spentMicroUsd, meteredMs, status } = meter;
  return {
    microUsd: spentMicroUsd,
    meteredMs: Math.round(meteredMs),
    ended: status === "ended" ? endOf(meter) : null,
    stoppedBy: meter.stop === null ? null : stopCausesByReason[meter.stop.reason],
  };
}

/** Causes by stop reason; `null` means that the store requested the stop and has the cause. */
const stopCausesByReason: Readonly<Record<StopReason, StopCause | null>> = {
  budget: "cap",
  interrupt: "person",
  terminate: "machine",
  request: null,
  "meter-lost": "machine",
};

/** Derives the final status of a command. Exit code 130 means Ctrl-C. */
function endOf({ stop, commandExitCode }: RunMeter): NonNullable<LaunchReport["ended"]> {
  if (stop?.reason === "interrupt" || commandExitCode === 130) return "interrupted";
  if (stop !== null) return "stopped";
  return commandExitCode === 0 ? "completed" : "failed";
}

/** Reports the end of a command and marks it as reported. */
export async function reportEnd(registry: LaunchRegistry, folder: string, meter: RunMeter): Promise<void> {
  await registry.report(meter.runId, reportOf(meter));
  await writeWholeFile(join(folder, settledFile), `${JSON.stringify({ micro_usd: meter.spentMicroUsd })}\n`);
}

/**
 * Reports ended commands that have not been reported yet.
 *
 * @param root folder that contains a folder per command
 * @returns number of reported commands
 */
export async function reportEndedLaunches(registry: LaunchRegistry, root: string): Promise<number> {
  let count = 0;
  for (const name of (await readdir(root).catch((): string[] => [])).sort()) {
    const folder = join(root, name);
    const files = await readdir(folder).catch((): string[] => []);
    if (files.includes(settledFile)) continue;
    const meter = readMeter(folder);
    if (meter?.status !== "ended") continue;
    await reportEnd(registry, folder, meter);
    count++;
  }
  return count;
}
