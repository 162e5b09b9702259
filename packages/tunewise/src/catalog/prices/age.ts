/** @file Age of prices, and warnings about stale ones. */

import { type Finding, findingOf } from "../../problem/index.ts";
import type { PriceSource } from "./book.ts";

/** Days after which a price is stale: machine prices change by tens of percent within a quarter. */
export const staleAfterDays = 30;

const dayMilliseconds = 86_400_000;

/**
 * Returns the age in days, or `null` if the source has no date.
 *
 * @param today current date, because this module does not read a clock
 */
export function ageOf({ asOf }: PriceSource, today: Date): number | null {
  const start = asOf === null ? Number.NaN : Date.parse(`${asOf.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(start)) return null;
  return Math.floor((today.getTime() - start) / dayMilliseconds);
}

/** Formats the date of a price: `2026-08-05`, `read 2026-11-25`, or `undated`. */
export function dateText({ asOf, readOn }: PriceSource): string {
  return asOf ?? (readOn === undefined ? "undated" : `read ${readOn}`);
}

/** Whether a price needs a warning: older than 30 days, undated, or dated after tomorrow. */
export function isStale(source: PriceSource, today: Date): boolean {
  const age = ageOf(source, today);
  return age === null || age > staleAfterDays || age < -1;
}

/** Whether a text is a valid ISO date. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Returns one warning `PRICES_STALE` for all stale rows.
 *
 * @param rows prices that are shown or used
 */
export function findStalePrices(rows: readonly { readonly source: PriceSource }[], today: Date): Finding[] {
  const count = rows.filter(({ source }) => isStale(source, today)).length;
  if (count === 0) return [];
  const params = { rows: count, total: rows.length, days: staleAfterDays };
  return [findingOf("PRICES_STALE", "warning", params, [], count)];
}
