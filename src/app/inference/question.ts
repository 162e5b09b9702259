/**
 * @file What a voice can be asked, and what happens while it answers.
 */
import type { Message } from "../../dataset/index.ts";
import type { ModelVariant } from "./find-text-model.ts";

/** What is to be gone on from: a conversation in the model's chat template, or text or tokens as they stand. */
export type Prompt =
  | { readonly kind: "chat"; readonly messages: readonly Message[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tokens"; readonly ids: readonly number[] };

/** How an answer is decoded. */
export interface Decoding {
  /** The context may end it earlier. */
  readonly maxTokens: number;
  /** 0: greedy. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** What is asked of whom. */
export interface Question extends Decoding {
  readonly voice: ModelVariant;
  readonly prompt: Prompt;
  /** Texts that end the answer before them. */
  readonly stop?: readonly string[];
  /** So many of the likeliest tokens come with each token, with log probabilities; default: no log probabilities. */
  readonly alternatives?: number;
  readonly signal: AbortSignal;
}

/** A token as text, with the natural logarithm of its probability. */
export interface LikelyText {
  readonly text: string;
  readonly logProbability: number;
}

/** A token of an answer; likeliest alternatives first. */
export interface GeneratedToken extends LikelyText {
  readonly alternatives: readonly LikelyText[];
}

/** Why an answer ended: by itself or at a stop text, at its longest, or because nobody waited any more. */
export type AnswerEnd = "stop" | "length" | "interrupted";

/** What happens while a voice answers. */
export type AnswerEvent =
  | {
      readonly kind: "answer-start";
      readonly promptTokens: number;
      /** Of the prompt, those that had been read before. */
      readonly reusedTokens: number;
    }
  | {
      readonly kind: "text-added";
      readonly text: string;
      /** The tokens it came with; empty where log probabilities were not asked for. */
      readonly tokens: readonly GeneratedToken[];
    }
  | { readonly kind: "answer-end"; readonly reason: AnswerEnd; readonly answerTokens: number };
