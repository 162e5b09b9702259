/** @file Costs per day, cached between requests, because past days hardly change and the ledger has many lines. */
import type { Database } from "../database/database.ts";
import { type DaySpend, readDailySpend, readLedgerStart } from "./daily-spend.ts";
import { dayMs } from "./day.ts";

/** Costs per day. */
export interface DailyCosts {
  /** Costs of the days, by project. */
  readonly days: readonly DaySpend[];
  /** Day of the ledger's first line; `null` if the ledger is empty. */
  readonly firstDay: number | null;
}

/** Reads costs from a given day up to today. */
export type ReadDailyCosts = (fromDay: number, nowMs: number) => Promise<DailyCosts>;

/** How long totals of past days are cached. Charges may be backdated. */
const keptMs = 600_000;

/** Creates a reader that reads days before yesterday at most every ten minutes, and later days on each request. */
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
