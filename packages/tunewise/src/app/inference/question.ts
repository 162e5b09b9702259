/** @file Questions to a text model, and the events of its answers. */
import type { JsonObject, Message } from "@tunewise/core/rows";
import type { ModelVariant } from "./find-text-model.ts";

/** A prompt: a conversation for the model's chat template, or raw text or tokens. */
export type Prompt =
  | { readonly kind: "chat"; readonly messages: readonly Message[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tokens"; readonly ids: readonly number[] };

/** Decoding settings. */
export interface Decoding {
  /** Token limit, in addition to the context length. */
  readonly maxTokens: number;
  /** 0 selects greedy decoding. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** Tools that are offered with a question. */
export interface OfferedTools {
  /** `{ type: "function", function: { name, description, parameters } }`, at least one. */
  readonly definitions: readonly JsonObject[];
  /** Whether an answer may have more than one call. */
  readonly isParallel: boolean;
  /** `any`: the answer must call a tool; `{ name }`: this one. If omitted, it may call some. */
  readonly required?: "any" | { readonly name: string };
}

/** A question to a model variant. */
export interface Question extends Decoding {
  readonly variant: ModelVariant;
  readonly prompt: Prompt;
  /** Tools that a conversation may call. If omitted, answers are text. */
  readonly tools?: OfferedTools;
  /** Variables of the chat template, besides those of the recipe. If omitted, none. */
  readonly templateVariables?: JsonObject;
  /** Stop sequences. The answer ends before the first one. */
  readonly stop?: readonly string[];
  /** JSON Schema for the answer; `null` allows any JSON object. If omitted, answers are not restricted. */
  readonly json?: { readonly schema: unknown };
  /** Number of top alternatives per token with log probabilities. If omitted, no log probabilities are returned. */
  readonly alternatives?: number;
  readonly signal: AbortSignal;
}

/** A token as text, with the natural logarithm of its probability. */
export interface LikelyText {
  readonly text: string;
  readonly logProbability: number;
}

/** A token of an answer, with its most likely alternatives first. */
export interface GeneratedToken extends LikelyText {
  readonly alternatives: readonly LikelyText[];
}

/** Why an answer ended: at its end token or a stop sequence, at the token limit, or because it was aborted. */
export type AnswerEnd = "stop" | "length" | "interrupted";

/** Events of an answer. */
export type AnswerEvent =
  | {
      readonly kind: "answer-start";
      readonly promptTokens: number;
      /** Number of prompt tokens reused from the KV cache. */
      readonly reusedTokens: number;
    }
  | {
      readonly kind: "text-added";
      readonly text: string;
      /** The tokens of the text; empty unless log probabilities were requested. */
      readonly tokens: readonly GeneratedToken[];
    }
  /** A call of a tool begins. Pieces of its arguments, a JSON text, follow until it ends or breaks off. */
  | { readonly kind: "call-begin"; readonly name: string }
  | { readonly kind: "arguments-added"; readonly text: string }
  | { readonly kind: "call-end" }
  /** The call that began does not follow the model's syntax; `text` is all of it. */
  | { readonly kind: "call-broken"; readonly text: string }
  | { readonly kind: "answer-end"; readonly reason: AnswerEnd; readonly answerTokens: number };
