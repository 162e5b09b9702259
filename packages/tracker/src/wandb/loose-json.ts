/**
 * @file JSON as W&B clients write it, with unquoted NaN and infinities.
 *
 * @source Python's json.dumps (allow_nan), wandb/simplejsonext
 */

/** String literals, and the unquoted words that JSON does not allow. */
const textsAndWords = /"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/gs;

/** Parses a text, with NaN and the infinities as strings; `undefined` if it is invalid. */
export function readLooseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return parse(text.replace(textsAndWords, (found) => (found.startsWith('"') ? found : `"${found}"`)));
  } catch {
    return undefined;
  }
}

/** Like `readLooseJson`, but `null` unless the value is an object. */
export function readLooseObject(text: string): Record<string, unknown> | null {
  const value = readLooseJson(text);
  return isObject(value) ? value : null;
}

/** Serializes a value as W&B clients do, with unquoted NaN and infinities. */
export function looseJson(value: unknown): string {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
}

/** Serializes keys and values as such an object. */
export function looseJsonObject(entries: Iterable<readonly [string, unknown]>): string {
  return `{${[...entries].map(([key, value]) => `${JSON.stringify(key)}:${looseJson(value)}`).join(",")}}`;
}

/** Whether a value is an object and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The number that a parsed value represents, or `null`. */
export function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  return null;
}

/** Whether seconds since 1970 are within the years 1970 to 9999. */
export function isInstant(seconds: number): boolean {
  return seconds >= 0 && seconds < 253_402_300_800;
}

/** Replaces NUL characters, which PostgreSQL cannot store. */
export function keepable(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD");
}
