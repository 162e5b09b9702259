/** @file Questions to a text model, and the events of its answers. */
import type { Message } from "@tunewise/core/rows";
import type { ModelVariant } from "./find-text-model.ts";

/** A prompt: a conversation for the model's chat template, or raw text or tokens. */
export type Prompt =
  | { readonly kind: "chat"; readonly messages: readonly Message[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tokens"; readonly ids: readonly number[] };

/** Decoding settings. */
export interface Decoding {
  /** Also limited by the context. */
  readonly maxTokens: number;
  /** 0 for greedy decoding. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** A question to a model variant. */
export interface Question extends Decoding {
  readonly variant: ModelVariant;
  readonly prompt: Prompt;
  /** Stop sequences; the answer ends before them. */
  readonly stop?: readonly string[];
  /** JSON Schema that the answer is restricted to, `null` for any JSON object; no restriction if omitted. */
  readonly json?: { readonly schema: unknown };
  /** Number of top alternatives per token, with log probabilities; by default no log probabilities are returned. */
  readonly alternatives?: number;
  readonly signal: AbortSignal;
}

/** A token as text, with the natural logarithm of its probability. */
export interface LikelyText {
  readonly text: string;
  readonly logProbability: number;
}

/** A token of an answer; the most likely alternatives first. */
export interface GeneratedToken extends LikelyText {
  readonly alternatives: readonly LikelyText[];
}

/** Why an answer ended: by itself or at a stop sequence, at the token limit, or because it was aborted. */
export type AnswerEnd = "stop" | "length" | "interrupted";

/** Events of an answer. */
export type AnswerEvent =
  | {
      readonly kind: "answer-start";
      readonly promptTokens: number;
      /** Prompt tokens that were reused from the KV cache. */
      readonly reusedTokens: number;
    }
  | {
      readonly kind: "text-added";
      readonly text: string;
      /** Tokens of the text; empty unless log probabilities were requested. */
      readonly tokens: readonly GeneratedToken[];
    }
  | { readonly kind: "answer-end"; readonly reason: AnswerEnd; readonly answerTokens: number };
