/** @file What a model is asked and what it answered, and what requests need from outside. */
import type { Seconds, Tokens } from "@tunewise/core/quantity";

/** One message of a chat. */
export interface AskedMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A prompt and how to decode. What is `null` is left to the endpoint. */
export interface AskedQuestion {
  readonly messages: readonly AskedMessage[];
  /** Longest answer, at least 1. */
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly topP: number | null;
  /** Also tells apart two answers that are drawn for the same prompt. */
  readonly seed: number | null;
  readonly stop: readonly string[];
  /** The answer is to be JSON of this schema. */
  readonly jsonSchema?: Readonly<Record<string, unknown>> | null;
}

/**
 * `reported`: the endpoint counted · `estimated`: it did not, see `estimateTokens` · `assumed`: nobody can know, so the
 * most it can be · `none`: refused before a model read it.
 */
export type CountOrigin = "reported" | "estimated" | "assumed" | "none";

/** Tokens that one request used. */
export interface TokenCounts {
  readonly promptTokens: Tokens;
  /** Part of the prompt that the endpoint still had from before. */
  readonly cachedPromptTokens: Tokens;
  readonly answerTokens: Tokens;
  readonly origin: CountOrigin;
}

/** One request, whether or not it gave an answer. */
export interface AskTry {
  readonly counts: TokenCounts;
  readonly seconds: Seconds;
  /** Why it gave none; `null`: it did. */
  readonly failure: string | null;
}

/** Why an answer ended; `other` for what only one vendor says. */
export type AskedFinish = "stop" | "length" | "filter" | "other";

/** A whole answer. */
export interface AskedAnswer {
  readonly text: string;
  readonly promptTokens: Tokens;
  readonly cachedPromptTokens: Tokens;
  readonly answerTokens: Tokens;
  readonly usage: "reported" | "estimated";
  /** The model that answered, in the endpoint's words. */
  readonly model: string;
  /** Whether that is another one than was asked; a dated version of the same name is not. */
  readonly isOtherModel: boolean;
  readonly finish: AskedFinish;
  /** Of the try that succeeded. */
  readonly seconds: Seconds;
  /** In order; the last one gave the answer. */
  readonly tries: readonly AskTry[];
  /** What the endpoint would not take and was therefore left out, such as `temperature` or `seed`. */
  readonly leftOut: readonly string[];
}

/** Vectors of texts. */
export interface AskedVectors {
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: Tokens;
  readonly usage: "reported" | "estimated";
  readonly model: string;
  readonly isOtherModel: boolean;
  readonly seconds: Seconds;
  readonly tries: readonly AskTry[];
}

/** Told before and after each request, so that money can be set aside for it and counted. */
export interface TryWatch {
  /** What it throws ends the asking before anything is sent. */
  before?(): Promise<void>;
  /** Also of a try that failed, and of one that was cut short by the caller's own signal. */
  after?(one: AskTry): Promise<void>;
}

/** Handed in from `app`; tests hand in their own. */
export interface AskWorld {
  readonly fetch: typeof globalThis.fetch;
  /** Ends after so many milliseconds, or at once when the signal says so; never fails. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
