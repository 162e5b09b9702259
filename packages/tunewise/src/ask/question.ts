/** @file Types of questions, answers and token counts, and the environment that requests need. */
import type { Seconds, Tokens } from "@tunewise/core/quantity";
import type { JsonObject, ToolCall } from "@tunewise/core/rows";

/** One message of a chat. */
export interface PromptMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** Calls of an assistant turn; absent: none. */
  readonly toolCalls?: readonly ToolCall[];
  /** The call that a tool message answers; absent: the next one without an answer. */
  readonly toolCallId?: string;
}

/** A prompt and its decoding settings. `null` leaves a setting to the endpoint. */
export interface CompletionRequest {
  readonly messages: readonly PromptMessage[];
  /** Maximum tokens of the answer, at least 1. */
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly topP: number | null;
  /** Also distinguishes several sampled answers to the same prompt. */
  readonly seed: number | null;
  readonly stop: readonly string[];
  /** JSON Schema that the answer must match. */
  readonly jsonSchema?: Readonly<Record<string, unknown>> | null;
  /** Tools that the model may call, in OpenAI's form; absent: none. */
  readonly tools?: readonly JsonObject[];
  /** Whether to request the log-probability of each token of the answer. */
  readonly logprobs?: boolean;
}

/**
 * `reported`: counted by the endpoint · `estimated`: not counted, see `estimateTokens` · `assumed`: unknown, so the
 * maximum · `none`: refused before a model processed it.
 */
export type CountOrigin = "reported" | "estimated" | "assumed" | "none";

/** Tokens that one request used. */
export interface TokenCounts {
  readonly promptTokens: Tokens;
  /** Part of the prompt that the endpoint had cached. */
  readonly cachedPromptTokens: Tokens;
  readonly answerTokens: Tokens;
  readonly origin: CountOrigin;
}

/** One request, successful or not. */
export interface AskTry {
  readonly counts: TokenCounts;
  readonly seconds: Seconds;
  /** Why it failed; `null` if it succeeded. */
  readonly failure: string | null;
}

/** Why an answer ended; `other` for a reason that only one vendor uses. */
export type FinishReason = "stop" | "length" | "filter" | "other";

/** Log-probabilities of an answer's tokens, to base e. */
export interface TokenLogprobs {
  readonly tokens: readonly string[];
  /** One for each token. */
  readonly values: readonly number[];
}

/** A complete answer. */
export interface CompletionAnswer {
  readonly text: string;
  /** Calls of tools, in order; absent: none. */
  readonly toolCalls?: readonly ToolCall[];
  /** Absent if they were not requested, or the endpoint has none. */
  readonly logprobs?: TokenLogprobs;
  readonly promptTokens: Tokens;
  readonly cachedPromptTokens: Tokens;
  readonly answerTokens: Tokens;
  readonly usage: "reported" | "estimated";
  /** Name of the model that answered, as the endpoint reports it. */
  readonly model: string;
  /** Whether another model than requested answered; a dated version of the same name does not count. */
  readonly isOtherModel: boolean;
  readonly finish: FinishReason;
  /** Duration of the successful try. */
  readonly seconds: Seconds;
  /** In order; the last one succeeded. */
  readonly tries: readonly AskTry[];
  /** Settings omitted because the endpoint does not accept them, such as `temperature` or `seed`. */
  readonly leftOut: readonly string[];
}

/** Vectors of texts. */
export interface EmbeddingAnswer {
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: Tokens;
  readonly usage: "reported" | "estimated";
  readonly model: string;
  readonly isOtherModel: boolean;
  readonly seconds: Seconds;
  readonly tries: readonly AskTry[];
}

/** Hooks before and after each request, so that its cost can be reserved and charged. */
export interface TryWatch {
  /** An error that it throws prevents the request. */
  before?(): Promise<void>;
  /** Also called after a failed try and after one that the caller's signal aborted. */
  after?(one: AskTry): Promise<void>;
}

/** The environment of requests, passed in by `app` or by tests. */
export interface AskWorld {
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after the given milliseconds, or at once when the signal is aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
