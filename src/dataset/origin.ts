/**
 * @file Where a row comes from beside its file: the group it belongs to, and its time.
 */
import { type Fields, fieldOf } from "./record.ts";

/** Columns that say so; `null`: none. */
export interface OriginColumns {
  readonly group: string | null;
  readonly time: string | null;
}

/** Longest name of a group; a longer one is no name. */
const longestName = 1_000;

/** What a row says of its origin; what it does not say is left out. */
export function originOf(fields: Fields, { group, time }: OriginColumns): { group?: string; time?: number } {
  const name = group === null ? null : groupName(fieldOf(fields, group));
  const at = time === null ? null : timeOf(fieldOf(fields, time));
  return { ...(name === null ? {} : { group: name }), ...(at === null ? {} : { time: at }) };
}

function groupName(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  if (typeof value !== "string") return null;
  const name = value.trim();
  return name === "" || name.length > longestName ? null : name;
}

/** Seconds end where milliseconds begin to be likelier: the year 5138 in one, March 1973 in the other. */
const secondsBelow = 1e11;

/** Milliseconds since 1970 of a date, or of a number that counts seconds or milliseconds; `null`: it is no time. */
export function timeOf(value: unknown): number | null {
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value === "bigint") return timeOf(Number(value));
  if (typeof value === "number") return finite(Math.abs(value) < secondsBelow ? value * 1000 : value);
  if (typeof value !== "string" || value.length > 64) return null;
  const text = value.trim();
  if (/^-?\d{9,13}(\.\d{1,9})?$/.test(text)) return timeOf(Number(text));
  return finite(Date.parse(text));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
