/**
 * @file JSON as these clients write it: NaN and the infinities stand in it bare.
 *
 * @source Python's json.dumps (allow_nan), wandb/simplejsonext
 */

/** Texts, and the words that are no JSON. */
const textsAndWords = /"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/gs;

/** The value of a text, NaN and the infinities as texts of these names; `undefined` where it is no JSON. */
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

/** The same where an object is wanted. */
export function readLooseObject(text: string): Record<string, unknown> | null {
  const value = readLooseJson(text);
  return isObject(value) ? value : null;
}

/** A value as these clients write it: NaN and the infinities bare. */
export function looseJson(value: unknown): string {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
}

/** Keys and values as an object of that kind. */
export function looseJsonObject(entries: Iterable<readonly [string, unknown]>): string {
  return `{${[...entries].map(([key, value]) => `${JSON.stringify(key)}:${looseJson(value)}`).join(",")}}`;
}

/** Whether a value is an object with keys, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The number that a JSON value stands for, or `null`. */
export function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  return null;
}

/** Whether seconds since 1970 are in a year up to 9999. */
export function isInstant(seconds: number): boolean {
  return seconds >= 0 && seconds < 253_402_300_800;
}

/** A text without the one letter that PostgreSQL cannot keep. */
export function keepable(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD");
}
