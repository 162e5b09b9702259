/**
 * @file An event as one line of JSON and back; numbers JSON lacks travel by name, as in MLflow.
 */
import type { EventHeader, RunEvent } from "../run/index.ts";

/** Longest line that is written and read. */
export const eventLineCharsMax: number = 1_000_000;

/** Letters of a text and items of a list that are left of an event too long for a line. */
const cutTextChars = 2000;
const cutListItems = 100;

/**
 * The event as JSON without a line break; NaN and the infinities as `"NaN"`, `"Infinity"`, `"-Infinity"`. Of an event
 * longer than a line may be, texts and lists are cut, so that what is written can be read.
 */
export function eventLine(event: RunEvent): string {
  const whole = JSON.stringify(event, (_, value: unknown) => named(value));
  if (whole.length <= eventLineCharsMax) return whole;
  return JSON.stringify(event, (_, value: unknown) => cut(named(value)));
}

function named(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function cut(value: unknown): unknown {
  if (typeof value === "string" && value.length > cutTextChars) return `${value.slice(0, cutTextChars)}...`;
  return Array.isArray(value) ? value.slice(0, cutListItems) : value;
}

/** Keys that hold numbers; a sentence that reads "NaN" stays a sentence. */
const numberKeys = new Set([
  ...["loss", "penalty", "learningRate", "gradientNorm", "updateRatio", "tokens", "labelledTokens"],
  ...["wallSeconds", "spentMicroUsd", "rateScale", "done", "total"],
  ...["perplexityRise", "low", "high", "taskDrop", "probabilityDrop", "kl"],
]);
const numberNames = new Set(["NaN", "Infinity", "-Infinity"]);

/**
 * The event of a line, or `null` when it is none: torn, too long, or no object with `time` and `kind`.
 *
 * @param place where the line stands, for lines that were written before events were numbered
 */
export function readEventLine(line: string, place: Pick<EventHeader, "run" | "seq">): RunEvent | null {
  if (line.length > eventLineCharsMax) return null;
  let value: unknown;
  try {
    value = JSON.parse(line, revive);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { time, kind, v } = value as Partial<Record<string, unknown>>;
  if (typeof time !== "string" || typeof kind !== "string") return null;
  return v === undefined ? ({ v: 0, ...place, ...value } as RunEvent) : (value as RunEvent);
}

function revive(key: string, value: unknown): unknown {
  return numberKeys.has(key) && typeof value === "string" && numberNames.has(value) ? Number(value) : value;
}
