/** @file An answer while it is being received, independent of the endpoint's style. */
import type { FinishReason } from "./question.ts";

/** The part of an answer received so far. */
export interface ReceivedAnswer {
  readonly pieces: string[];
  model: string | null;
  finish: FinishReason | null;
  /** Tokens as counted by the endpoint; `null` until it reports them. */
  counts: ReceivedCounts | null;
  /** Whether the stream has signalled its end. */
  isEnd: boolean;
}

/** Counts of an endpoint, each validated as a plausible number of tokens. */
export interface ReceivedCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly answer: number;
}

/** Creates an empty answer. */
export function emptyAnswer(): ReceivedAnswer {
  return { pieces: [], model: null, finish: null, counts: null, isEnd: false };
}

/** Returns a JSON object as it is, and an empty one for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Returns a text as it is, and `null` for anything else. */
export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Larger counts are taken as errors of the endpoint. */
const maxCount = 1e9;

/** Returns a plausible number of tokens as it is, and `null` for anything else. */
export function countIn(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxCount
    ? value
    : null;
}

/** Text of a message's content, which is a string or a list of parts. */
export function contentText(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  return content.map((part) => textIn(fieldsOf(part)["text"]) ?? "").join("");
}
