/**
 * @file Commands whose last reading never came to where they are noted down: their front process was ended, or the
 * server was away. Their meters still know.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type RunMeter, readMeter } from "../../../launch/index.ts";
import { writeWholeFile } from "../../../track/index.ts";
import type { LaunchReport, Registrar } from "./registrar.ts";

/** Says that all of a meter is noted down. */
export const settledFile = "settled.json";

/** What a meter says, as a report. */
export function reportOf(meter: RunMeter): LaunchReport {
  const { spentMicroUsd, meteredMs, status } = meter;
  return {
    microUsd: spentMicroUsd,
    meteredMs: Math.round(meteredMs),
    ended: status === "ended" ? endOf(meter) : null,
  };
}

/** 130 is what Ctrl-C gives. */
function endOf({ stop, commandExitCode }: RunMeter): NonNullable<LaunchReport["ended"]> {
  if (stop?.reason === "interrupt" || commandExitCode === 130) return "interrupted";
  if (stop !== null) return "stopped";
  return commandExitCode === 0 ? "completed" : "failed";
}

/** Reports the end of a command, and notes that it is done. */
export async function reportEnd(registrar: Registrar, folder: string, meter: RunMeter): Promise<void> {
  await registrar.report(meter.runId, reportOf(meter));
  await writeWholeFile(join(folder, settledFile), `${JSON.stringify({ micro_usd: meter.spentMicroUsd })}\n`);
}

/**
 * Reports ended commands that were not reported yet.
 *
 * @param root folder with one folder per command
 * @returns how many there were
 */
export async function catchUp(registrar: Registrar, root: string): Promise<number> {
  let count = 0;
  for (const name of (await readdir(root).catch((): string[] => [])).sort()) {
    const folder = join(root, name);
    const files = await readdir(folder).catch((): string[] => []);
    if (files.includes(settledFile)) continue;
    const meter = readMeter(folder);
    if (meter?.status !== "ended") continue;
    await reportEnd(registrar, folder, meter);
    count++;
  }
  return count;
}
