/** @file This month's cost and waste so far. Uses cached judgements, so that curves are not read again. */

import type { Reader } from "../database/database.ts";
import { judgeRun } from "./judge-waste.ts";
import { type PeriodSpend, readPeriodSpend } from "./period-spend.ts";
import type { ProjectsAmong } from "./spend.ts";

/** Sums of a month; money is in micro-dollars. */
export interface MonthStanding {
  readonly microUsd: number;
  /** Number of runs with a cost. The ledger also contains runs without a price. */
  readonly runs: number;
  readonly wastedMicroUsd: number;
  readonly wastedRuns: number;
}

/**
 * Sums the current calendar month (UTC). The totals equal those of `reportSpending` since the first of the month.
 *
 * @param among projects to include; `null` for all
 */
export async function readMonth(
  reader: Reader,
  nowMs: number,
  among: ProjectsAmong | null,
): Promise<MonthStanding> {
  const now = new Date(nowMs);
  const spent = await readPeriodSpend(reader, Date.UTC(now.getUTCFullYear(), now.getUTCMonth()), among);
  const wasted: number[] = [];
  for (const one of spent) wasted.push(await wasteIn(reader, one));
  return {
    microUsd: spent.reduce((sum, { microUsd }) => sum + microUsd, 0),
    runs: spent.filter(({ microUsd }) => microUsd > 0).length,
    wastedMicroUsd: wasted.reduce((sum, microUsd) => sum + microUsd, 0),
    wastedRuns: wasted.filter((microUsd) => microUsd > 0).length,
  };
}

/**
 * A run's waste this month. Cached judgements cover the whole cost of a run, so a run with earlier cost is judged again
 * for this month's part.
 */
async function wasteIn(
  reader: Reader,
  { run, microUsd, seconds, wasteMicroUsd, duplicateOf }: PeriodSpend,
): Promise<number> {
  const isWhole = microUsd === run.spentMicroUsd && Math.abs(seconds - run.wallSeconds) < 1e-3;
  if (isWhole && wasteMicroUsd !== null) return wasteMicroUsd;
  return (await judgeRun(reader, run, { microUsd, seconds, duplicateOf }))?.microUsd ?? 0;
}
