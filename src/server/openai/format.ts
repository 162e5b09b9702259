/**
 * @file What an answer looks like on its way to a client: the parts that both routes share.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CompletionUsage, CreateChatCompletionStreamResponse
 */
import type { AnswerEnd, GeneratedToken } from "../../app/inference/index.ts";

/** Tokens of a question and its answer. */
export interface TokenCounts {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly answerTokens: number;
}

/** Text of an answer, with its tokens where log probabilities were asked for. */
export interface AnswerText {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
}

/** What stands in every object of one answer. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Whether log probabilities were asked for. */
  readonly withLogprobs: boolean;
}

/** One route's shapes, made anew for each answer. */
export interface AnswerFormat {
  /** The whole answer in one object. */
  whole(answer: AnswerText, reason: AnswerEnd, counts: TokenCounts): object;
  /** The first chunk of a stream, where the route has one. */
  first(): object | null;
  piece(piece: AnswerText): object;
  last(reason: AnswerEnd): object;
  /** A chunk of counts, after the last. */
  counts(counts: TokenCounts): object;
}

/** Makes the shapes of a route. */
export type MakeFormat = (head: AnswerHead) => AnswerFormat;

/** Counts as OpenAI names them. */
export function usageOf({ promptTokens, reusedTokens, answerTokens }: TokenCounts): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}

/** Why an answer ended, as OpenAI names it; of an interrupted one nobody reads it. */
export function finishReason(reason: AnswerEnd): "stop" | "length" {
  return reason === "length" ? "length" : "stop";
}
