/**
 * @file How old a price is, and when that is too old.
 */
import type { PriceSource } from "./book.ts";

/** Days after which a price is only a hint: machine prices move by tens of percent within a quarter. */
export const freshDays = 30;

const dayMilliseconds = 86_400_000;

/**
 * Age in whole days; `null` where the source has no date.
 *
 * @param today a date of the caller's, since nothing here reads a clock
 */
export function ageOf({ asOf }: PriceSource, today: Date): number | null {
  const start = asOf === null ? Number.NaN : Date.parse(`${asOf.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(start)) return null;
  return Math.floor((today.getTime() - start) / dayMilliseconds);
}

/** The date of a price in words: `2026-08-05`, `read 2026-11-25`, or `undated`. */
export function dateText({ asOf, readOn }: PriceSource): string {
  return asOf ?? (readOn === undefined ? "undated" : `read ${readOn}`);
}

/** Whether a price needs a warning beside it: older than 30 days, undated, or dated after tomorrow. */
export function isStale(source: PriceSource, today: Date): boolean {
  const age = ageOf(source, today);
  return age === null || age > freshDays || age < -1;
}

/** Whether a text is a day of the calendar in ISO form. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
