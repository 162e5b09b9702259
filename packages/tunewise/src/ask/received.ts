/** @file An answer while it comes in, whichever style it comes in. */
import type { AskedFinish } from "./question.ts";

/** What was received of an answer so far. */
export interface ReceivedAnswer {
  readonly pieces: string[];
  model: string | null;
  finish: AskedFinish | null;
  /** Tokens as the endpoint counts them, once it told. */
  counts: ReceivedCounts | null;
  /** The stream said itself that it is at its end. */
  isEnd: boolean;
}

/** Counts of an endpoint, each a number of tokens that there can be. */
export interface ReceivedCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly answer: number;
}

/** Nothing yet. */
export function emptyAnswer(): ReceivedAnswer {
  return { pieces: [], model: null, finish: null, counts: null, isEnd: false };
}

/** A JSON object, or an empty one for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** A text, or `null`. */
export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Above this no endpoint counts right. */
const maxCount = 1e9;

/** A number of tokens that there can be, or `null`. */
export function countIn(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxCount
    ? value
    : null;
}

/** Text of a message's content, which is a text or a list of parts. */
export function contentText(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  return content.map((part) => textIn(fieldsOf(part)["text"]) ?? "").join("");
}
