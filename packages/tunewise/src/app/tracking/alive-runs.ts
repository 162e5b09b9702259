/** @file Lists runs that cost money now: their hourly cost, start time and cap. */

import { parseRate } from "@tunewise/core/quantity";
import {
  type AliveRun,
  deadAfterMs,
  type MachinePrice,
  type ProjectsAmong,
  type Reader,
  readAliveRuns,
} from "@tunewise/tracker";
import { readConfiguration } from "../../recipe/index.ts";

/** An active run. Money is in micro-dollars, times are milliseconds since 1970. */
export interface RunAtWork {
  readonly id: string;
  readonly name: string;
  readonly project: number;
  readonly projectName: string;
  readonly person: string;
  readonly startedMs: number;
  /** Time of the last report. */
  readonly seenMs: number;
  /** `null` if unknown. */
  readonly microUsdPerHour: number | null;
  readonly spentMicroUsd: number;
  /** `null` if there is no cap in dollars. */
  readonly capMicroUsd: number | null;
}

/**
 * Lists active runs, longest-running first.
 *
 * @param price default price of a run's machine
 * @param among projects to include; `null` for all
 */
export async function listRunsAtWork(
  reader: Reader,
  {
    nowMs,
    price,
    among = null,
  }: { readonly nowMs: number; readonly price: MachinePrice; readonly among?: ProjectsAmong | null },
): Promise<RunAtWork[]> {
  const found = await readAliveRuns(reader, nowMs - deadAfterMs, among);
  return found.map((alive) => {
    const { id, name, project, person, startedMs, seenMs, spentMicroUsd } = alive.run;
    return {
      id,
      name,
      project,
      projectName: alive.projectName,
      person,
      startedMs,
      seenMs,
      spentMicroUsd,
      microUsdPerHour: hourlyPrice(alive, price),
      capMicroUsd: capOf(alive),
    };
  });
}

function hourlyPrice(
  { run, rateTag, ledgerMicroUsdPerHour, launch }: AliveRun,
  price: MachinePrice,
): number | null {
  const known =
    launch?.microUsdPerHour ?? (rateTag === null ? null : parseRate(rateTag)) ?? ledgerMicroUsdPerHour;
  const usual = run.client === "tunewise" ? 0 : price.microUsdPerHour;
  const rate = known ?? usual;
  return rate > 0 ? rate : null;
}

function capOf({ launch, configuration }: AliveRun): number | null {
  if (configuration === null) return launch?.capMicroUsd ?? null;
  const usd = readConfiguration(configuration, "configuration.json").recipe?.budget.usd ?? null;
  return usd === null ? null : Math.round(usd * 1e6);
}
