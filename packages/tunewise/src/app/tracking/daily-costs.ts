/** @file What each day cost, kept between questions: days that are over hardly change, and the ledger has many lines. */
import { type Database, type DaySpend, dayMs, readDailySpend, readLedgerStart } from "@tunewise/tracker";

/** Costs of days. */
export interface DailyCosts {
  /** Costs of some days, by project. */
  readonly days: readonly DaySpend[];
  /** Day on which the first line of the ledger was written; `null`: it has none. */
  readonly firstDay: number | null;
}

/** Reads costs from a day on, up to today. */
export type ReadDailyCosts = (fromDay: number, nowMs: number) => Promise<DailyCosts>;

/** How long sums of days that are over are used: a charge may be dated back. */
const keptMs = 600_000;

/** A reader that asks for days before yesterday every ten minutes, and for the others each time. */
export function createDailyCosts(database: Pick<Database, "all" | "dialect">): ReadDailyCosts {
  let kept: { readonly key: string; readonly readMs: number; readonly costs: DailyCosts } | null = null;
  return async (fromDay, nowMs) => {
    const today = Math.floor(nowMs / dayMs);
    const key = `${fromDay} ${today}`;
    if (kept?.key !== key || nowMs - kept.readMs > keptMs || kept.costs.firstDay === null) {
      const startMs = await readLedgerStart(database);
      const firstDay = startMs === null ? null : Math.floor(startMs / dayMs);
      const days = firstDay === null ? [] : await readDailySpend(database, fromDay, today - 1);
      kept = { key, readMs: nowMs, costs: { days, firstDay } };
    }
    const { days, firstDay } = kept.costs;
    if (firstDay === null) return kept.costs;
    return { days: [...days, ...(await readDailySpend(database, today - 1, today + 1))], firstDay };
  };
}
