/**
 * @file Who answers an arm's questions: a batch of them in, answers with what they took out.
 */

import type { Arm, Shown } from "../../baselines/index.ts";
import type { Example, Message } from "../../dataset/index.ts";

/** One question of an arm, ready to be asked. */
export interface ArmQuestion {
  readonly row: number;
  readonly example: Example;
  readonly messages: readonly Message[];
  readonly shown: Shown;
  /** Of local models; empty elsewhere. */
  readonly ids: Int32Array;
}

/** What came of it. */
export interface GeneratedAnswer {
  readonly answer: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly seconds: number;
  /** What it costs whoever asks anew. */
  readonly microUsd: number;
  /** What was paid for it now, beside this machine's time. */
  readonly paidMicroUsd: number;
  /** From the record: nothing was computed or paid for it now. */
  readonly isKept: boolean;
  /** What is odd about it, such as that another model answered than was asked. */
  readonly remarks: readonly string[];
  /** Why there is no answer; `null`: there is one. */
  readonly failed: string | null;
}

/** Answers the questions of one arm, in their order. */
export type AnswerQuestions = (arm: Arm, questions: readonly ArmQuestion[]) => Promise<GeneratedAnswer[]>;
