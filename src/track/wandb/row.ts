/** @file A row of a run's history: its numbers are points of series, the rest is kept as it is. */
import { isObject, keepable, numberIn, readLooseObject } from "./loose-json.ts";

/** What a row says. */
export interface Row {
  readonly step: number;
  /** Milliseconds since 1970, or `null` where the row does not say. */
  readonly ms: number | null;
  readonly numbers: readonly (readonly [key: string, value: number])[];
  /** Histograms, media, texts: what is no number, as JSON; `null` where there is nothing. */
  readonly rest: string | null;
  /** Seconds since the run's start, as the client counts. */
  readonly runtimeSeconds: number | null;
}

/** Longer keys stay in the rest: an index of the database holds keys whole. */
const keyBytesMost = 1000;
/** Deeper objects stay in the rest. */
const depthMost = 16;

/** Keys that are the row's place, and no metrics. */
const places: ReadonlySet<string> = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

/**
 * Reads a row.
 *
 * @param line its place among the rows, which is the step where the row names none
 * @returns `null` where it is no JSON object
 */
export function readRow(text: string, line: number): Row | null {
  const row = readLooseObject(text);
  if (!row) return null;
  const numbers = new Map<string, number>();
  const rest = takeNumbers(row, "", 0, numbers);
  const step = row["_step"];
  const timestamp = numberIn(row["_timestamp"]);
  return {
    step: typeof step === "number" && Number.isSafeInteger(step) ? step : line,
    ms: timestamp !== null && isInstant(timestamp) ? Math.round(timestamp * 1000) : null,
    numbers: [...numbers],
    rest: rest ? JSON.stringify(rest) : null,
    runtimeSeconds: numberIn(row["_runtime"]),
  };
}

/** Years 1970 to 9999, in seconds. */
function isInstant(seconds: number): boolean {
  return seconds >= 0 && seconds < 253_402_300_800;
}

/** Moves numbers out, nested ones under keys with dots; gives what is left, if anything is. */
function takeNumbers(
  from: Readonly<Record<string, unknown>>,
  prefix: string,
  depth: number,
  numbers: Map<string, number>,
): Record<string, unknown> | null {
  const rest: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(from)) {
    if (depth === 0 && places.has(name)) continue;
    const key = keepable(prefix + name);
    const number = numberIn(value);
    if (number !== null && key !== "" && Buffer.byteLength(key) <= keyBytesMost) numbers.set(key, number);
    else if (isObject(value) && value["_type"] === undefined && depth < depthMost) {
      const left = takeNumbers(value, `${key}.`, depth + 1, numbers);
      if (left || Object.keys(value).length === 0) rest[name] = left ?? {};
    } else rest[name] = value;
  }
  return Object.keys(rest).length > 0 ? rest : null;
}
