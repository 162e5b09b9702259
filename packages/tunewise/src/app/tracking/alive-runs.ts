/** @file Runs that cost money now: what an hour of each costs, since when, and where its budget ends. */

import {
  type AliveRun,
  deadAfterMs,
  type MachinePrice,
  type ProjectsAmong,
  type Reader,
  readAliveRuns,
} from "@tunewise/tracker";
import { readRate } from "../../launch/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { readConfiguration } from "../../recipe/index.ts";

/** A run at work. Money is in micro-dollars, times are milliseconds since 1970. */
export interface RunAtWork {
  readonly id: string;
  readonly name: string;
  readonly project: number;
  readonly projectName: string;
  readonly person: string;
  readonly startedMs: number;
  /** When it was last heard of. */
  readonly seenMs: number;
  /** `null`: nobody said. */
  readonly microUsdPerHour: number | null;
  readonly spentMicroUsd: number;
  /** `null`: it has no cap in dollars. */
  readonly capMicroUsd: number | null;
}

/**
 * Runs at work, the longest at work first.
 *
 * @param price of machines for which no run says one
 * @param among projects to look at; `null`: all
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
      ...{ id, name, project, projectName: alive.projectName, person, startedMs, seenMs, spentMicroUsd },
      microUsdPerHour: hourlyPrice(alive, price),
      capMicroUsd: capOf(alive),
    };
  });
}

function hourlyPrice(
  { run, rateTag, ledgerMicroUsdPerHour, launch }: AliveRun,
  price: MachinePrice,
): number | null {
  const known = launch?.microUsdPerHour ?? rateOf(rateTag) ?? ledgerMicroUsdPerHour;
  const usual = run.client === "tunewise" ? 0 : price.microUsdPerHour;
  const rate = known ?? usual;
  return rate > 0 ? rate : null;
}

function rateOf(tag: string | null): number | null {
  if (tag === null) return null;
  try {
    return readRate(tag);
  } catch (error) {
    if (TunewiseError.is(error)) return null;
    throw error;
  }
}

function capOf({ launch, configuration }: AliveRun): number | null {
  if (configuration === null) return launch?.capMicroUsd ?? null;
  const usd = readConfiguration(configuration, "configuration.json").recipe?.budget.usd ?? null;
  return usd === null ? null : Math.round(usd * 1e6);
}
