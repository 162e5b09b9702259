/**
 * @file The interface of everything that answers an arm's questions: a batch of questions in, answers with their
 * costs out.
 */

import type { Arm, Shown } from "../../baselines/index.ts";
import type { Example, Message } from "../../dataset/index.ts";

/** A question of an arm, ready to be asked. */
export interface ArmQuestion {
  readonly row: number;
  readonly example: Example;
  readonly messages: readonly Message[];
  readonly shown: Shown;
  /** Token ids for local models; empty otherwise. */
  readonly ids: Int32Array;
}

/** An answer with its costs. */
export interface GeneratedAnswer {
  readonly answer: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly seconds: number;
  /** Cost of the answer when it is not cached. */
  readonly microUsd: number;
  /** Paid to an API for this request. */
  readonly paidMicroUsd: number;
  /** Whether it comes from the record, so that nothing was computed or paid. */
  readonly isKept: boolean;
  /** Remarks on the answer, such as that another model answered than was requested. */
  readonly remarks: readonly string[];
  /** Why there is no answer; `null` if there is one. */
  readonly failed: string | null;
}

/** Answers the questions of one arm, in order. */
export type AnswerQuestions = (arm: Arm, questions: readonly ArmQuestion[]) => Promise<GeneratedAnswer[]>;
