/**
 * @file Measurements of an execution: the training state, and answers and losses of the tuned and the base model. They
 * contain no verdicts.
 */
import type { Curves, ForgettingPoint } from "./event.ts";

/** Loss of one row, computed for that row alone. */
export interface RowLoss {
  /** Negative log likelihood, summed over labelled tokens, in nats. */
  readonly nll: number;
  readonly labelledTokens: number;
}

/** KL divergence, summed over the positions of one prompt. */
export interface PromptDivergence {
  /** Nats. */
  readonly sum: number;
  readonly positions: number;
}

/** Raw results of a model, one entry per item, in order. */
export interface ModelFigures {
  readonly texts: readonly RowLoss[];
  /** Summed negative log likelihood of each choice of each question. */
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

/** State of a training besides its tensors, sufficient to resume bit-exactly. */
export interface TrainingState {
  readonly step: number;
  /** Step with the lowest validation loss so far, and that loss; `null` before the first evaluation. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly curves: Curves;
  /** Forgetting measurements during training. */
  readonly forgetting: readonly ForgettingPoint[];
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Seconds spent in training steps so far. */
  readonly trainSeconds: number;
  readonly sessions: number;
}

/** A model's answer to a test row, and the loss of the expected answer; each is `null` if no metric needs it. */
export interface RowAnswer {
  readonly answer: DecodedAnswer | null;
  readonly loss: RowLoss | null;
}

/** Evidence of memorization: how much better the model knows training rows than other rows. */
export interface MemorizationFigures {
  /** Losses of training rows (`seen`) and of held-out rows, by model. */
  readonly seen: { readonly base: readonly RowLoss[]; readonly tuned: readonly RowLoss[] };
  readonly heldOut: { readonly base: readonly RowLoss[]; readonly tuned: readonly RowLoss[] };
  /** Training rows whose answers a model completes verbatim; `null` if all answers are too short. */
  readonly verbatim: { readonly rows: number; readonly base: number; readonly tuned: number } | null;
}

/** Measurements of the result and of the base model; `null` if not requested or not completed. */
export interface ResultMeasurements {
  /** Answers to the first test rows. A cap may cut both lists short, the base model's first. */
  readonly answers: { readonly tuned: readonly RowAnswer[]; readonly base: readonly RowAnswer[] } | null;
  readonly forgetting: {
    readonly base: ModelFigures;
    readonly tuned: ModelFigures;
    readonly prompts: readonly PromptDivergence[];
    readonly wallSeconds: number;
  } | null;
  readonly safety: { readonly base: SafetyAnswers; readonly tuned: SafetyAnswers } | null;
  readonly memorization: MemorizationFigures | null;
}

/** How an execution ended. */
export interface RunResult {
  /** `failed`: the loss was NaN or infinite and the training was not rolled back. */
  readonly status: "completed" | "stopped" | "failed";
  readonly state: TrainingState;
  /** Step whose weights are the result; `null` if none was written. */
  readonly selectedStep: number | null;
  readonly measured: ResultMeasurements;
  /** Max. resident memory of the process that computed the run; on a GPU, the memory that PyTorch reserved. */
  readonly peakMemoryBytes: number;
}
