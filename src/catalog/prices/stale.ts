/**
 * @file The warning that stands beside prices that are old or undated.
 */
import type { Finding } from "../../problem/index.ts";
import { freshDays, isStale } from "./age.ts";
import type { PriceSource } from "./book.ts";
import { priceFinding } from "./finding.ts";

/**
 * One warning for all rows that need one: `PRICES_STALE`.
 *
 * @param rows the prices that are shown or used
 */
export function findStalePrices(rows: readonly { readonly source: PriceSource }[], today: Date): Finding[] {
  const count = rows.filter(({ source }) => isStale(source, today)).length;
  if (count === 0) return [];
  const about = { rows: count, total: rows.length, days: freshDays };
  return [priceFinding("PRICES_STALE", about, [], "warning", count)];
}
