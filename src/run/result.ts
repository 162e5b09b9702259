/**
 * @file What an execution measured: training, and answers and losses of the tuned and the base model. Nothing in it is judged.
 */
import type { Curves, ForgettingPoint } from "./event.ts";

/** Loss of one row, as the engine computes it for that row alone. */
export interface RowLoss {
  /** Negative log likelihood summed over labelled tokens, in nats. */
  readonly nll: number;
  readonly labelledTokens: number;
}

/** Divergence summed over the positions of one prompt. */
export interface PromptDivergence {
  /** Nats. */
  readonly sum: number;
  readonly positions: number;
}

/** Raw results of a model, one entry per item, in order. */
export interface ModelFigures {
  readonly texts: readonly RowLoss[];
  /** Sum of negative log likelihoods of each choice of each question. */
  readonly choices: readonly (readonly number[])[];
  /** Answers to the regression prompts. */
  readonly answers: readonly string[];
}

/** Answers of a model, in the order of the prompts. */
export interface SafetyAnswers {
  readonly code: readonly string[];
  readonly refusals: readonly string[];
}

/** A decoded answer. */
export interface DecodedAnswer {
  readonly text: string;
  readonly answerTokens: number;
  /** Probability of exactly this label; `null` for free answers. */
  readonly probability: number | null;
}

/** What is kept beside the tensors: enough to go on as if nothing had happened. */
export interface TrainingState {
  readonly step: number;
  /** Step with the lowest validation loss so far, and that loss; `null` before the first evaluation. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly curves: Curves;
  /** Looks at what was forgotten. */
  readonly forgetting: readonly ForgettingPoint[];
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Seconds spent in training steps so far. */
  readonly trainSeconds: number;
  readonly sessions: number;
}

/** What a model answered to a row, and the loss of the right answer; `null`: not asked. */
export interface RowAnswer {
  readonly answer: DecodedAnswer | null;
  readonly loss: RowLoss | null;
}
