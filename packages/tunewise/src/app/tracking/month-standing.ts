/** @file What this month has cost so far and what of it was wasted, without reading a curve of what is judged already. */
import { type PeriodSpend, type ProjectsAmong, type Reader, readPeriodSpend } from "@tunewise/tracker";
import { judgeRun } from "./judge-waste.ts";

/** Sums of a month; money is in micro-dollars. */
export interface MonthStanding {
  readonly microUsd: number;
  /** Runs that cost something; time at no price is in the ledger too. */
  readonly runs: number;
  readonly wastedMicroUsd: number;
  readonly wastedRuns: number;
}

/**
 * Sums the calendar month (UTC) that it is; the same sums as `reportSpending` since its first day.
 *
 * @param among projects to look at; `null`: all
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

/** A judgement is about all that a run cost: one that cost something before the month is judged by its part. */
async function wasteIn(
  reader: Reader,
  { run, microUsd, seconds, wasteMicroUsd, duplicateOf }: PeriodSpend,
): Promise<number> {
  const isWhole = microUsd === run.spentMicroUsd && Math.abs(seconds - run.wallSeconds) < 1e-3;
  if (isWhole && wasteMicroUsd !== null) return wasteMicroUsd;
  return (await judgeRun(reader, run, { microUsd, seconds, duplicateOf }))?.microUsd ?? 0;
}
