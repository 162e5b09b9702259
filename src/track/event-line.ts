/**
 * @file An event as one line of JSON and back; numbers JSON lacks travel by name, as in MLflow.
 */
import type { RunEvent } from "../run/index.ts";
import type { TimedEvent } from "./store.ts";

/** Longest line that is read; a longer one is no event of ours. */
export const eventLineCharsMax: number = 1_000_000;

/** The event as JSON without a line break; NaN and the infinities as `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function eventLine(item: TimedEvent): string {
  return JSON.stringify({ time: item.time, ...item.event }, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** Keys that hold numbers; a sentence that reads "NaN" stays a sentence. */
const numberKeys = new Set(["loss", "learningRate", "gradientNorm", "updateRatio", "wallSeconds"]);
const numberNames = new Set(["NaN", "Infinity", "-Infinity"]);

/** The event of a line, or `null` when it is none: torn, too long, or no object with `time` and `kind`. */
export function readEventLine(line: string): TimedEvent | null {
  if (line.length > eventLineCharsMax) return null;
  let value: unknown;
  try {
    value = JSON.parse(line, revive);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { time, ...event } = value as { time?: unknown; kind?: unknown };
  if (typeof time !== "string" || typeof event.kind !== "string") return null;
  return { time, event: event as RunEvent };
}

function revive(key: string, value: unknown): unknown {
  return numberKeys.has(key) && typeof value === "string" && numberNames.has(value) ? Number(value) : value;
}
