/**
 * @file Runs whose command goes on though everybody who watched it is gone: each gets a new supervisor.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isRunning, type Machine } from "./machine.ts";
import { type RunMeter, readMeter } from "./meter/meter-file.ts";
import { startSupervisor } from "./start-supervisor.ts";

/**
 * Starts supervisors for orphaned runs; a run whose front process is there looks after itself, and
 * one of another machine is left to that.
 *
 * @param root folder with one folder per run
 * @returns their meters as they stood
 */
export async function adoptOrphans(
  root: string,
  machine: Machine,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunMeter[]> {
  const adopted: RunMeter[] = [];
  for (const name of namesIn(root)) {
    const folder = join(root, name);
    const meter = readMeter(folder);
    if (meter === null || meter.status === "ended" || meter.host !== machine.host) continue;
    const watchers = [meter.front, meter.supervisor].filter((watcher) => watcher !== null);
    const watched = await Promise.all(watchers.map((watcher) => isRunning(machine, watcher)));
    if (watched.includes(true)) continue;
    startSupervisor(machine, folder, null, environment);
    adopted.push(meter);
  }
  return adopted;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
