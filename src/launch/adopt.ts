/** @file Runs whose command goes on though everybody who watched it is gone: each gets a new supervisor. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isRunning, type Machine, type ProcessIdentity } from "./machine.ts";
import { type RunMeter, readMeter } from "./meter/meter-file.ts";
import { silentMs, silentTicks } from "./silence.ts";
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
    if (watched.includes(true)) {
      if (watched[0] === false && meter.supervisor !== null) wakeSilent(machine, meter, meter.supervisor);
      continue;
    }
    startSupervisor(machine, folder, null, environment);
    adopted.push(meter);
  }
  return adopted;
}

/** Whoever has suspended a supervisor has stopped its meter; its front, which would see that, is gone. */
function wakeSilent(machine: Machine, meter: RunMeter, { pid }: ProcessIdentity): void {
  if (machine.monotonicMs() - meter.tickedMs < Math.max(silentMs, silentTicks * meter.tickMs)) return;
  try {
    machine.signal(pid, "SIGCONT");
  } catch {
    // It has ended in between, and the next look finds an orphan.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
