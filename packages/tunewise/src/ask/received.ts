/** @file An answer while it is being received, independent of the endpoint's style. */
import type { FinishReason } from "./question.ts";

/** The part of an answer received so far. */
export interface ReceivedAnswer {
  readonly pieces: string[];
  /** Calls of tools; a list with holes while a stream sends them. */
  readonly calls: ReceivedCall[];
  /** Tokens and their log-probabilities, as far as the endpoint sent them. */
  readonly logprobs: { readonly token: string; readonly logprob: number }[];
  model: string | null;
  finish: FinishReason | null;
  /** Tokens as counted by the endpoint; `null` until it reports them. */
  counts: ReceivedCounts | null;
  /** Whether the stream has signalled its end. */
  isEnd: boolean;
}

/** A call as it is received; its arguments are the pieces of a JSON text. */
export interface ReceivedCall {
  id: string | null;
  name: string;
  readonly pieces: string[];
}

/** Max. calls of one answer; OpenAI allows 128 tools. */
const maxCalls = 1_024;

/** The call at a position, which is added if it is new; `null` beyond the limit. */
export function callAt({ calls }: ReceivedAnswer, at: number): ReceivedCall | null {
  if (!Number.isInteger(at) || at < 0 || at >= maxCalls) return null;
  const known = calls[at];
  if (known !== undefined) return known;
  const call = { id: null, name: "", pieces: [] };
  calls[at] = call;
  return call;
}

/** Counts of an endpoint, each validated as a plausible number of tokens. */
export interface ReceivedCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly answer: number;
}

/** Creates an empty answer. */
export function emptyAnswer(): ReceivedAnswer {
  return { pieces: [], calls: [], logprobs: [], model: null, finish: null, counts: null, isEnd: false };
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
