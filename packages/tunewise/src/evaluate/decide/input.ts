/** @file Input of a decision: arms measured on the same rows, their costs, and the objective. */
import type { Range, Seconds, Usd } from "@tunewise/core/quantity";

/**
 * A way to get answers. `neighbours`: vote of the most similar training rows · `oracle`: retrieval replaced by the
 * right passages, which cannot be deployed · `trivial`: an answer that needs no model.
 */
export type ArmKind =
  | "prompt"
  | "few-shot"
  | "neighbours"
  | "rag"
  | "rag-few-shot"
  | "api"
  | "tuned"
  | "tuned-rag"
  | "oracle"
  | "trivial";

/** One arm with its measurements. */
export interface DecisionArm {
  readonly name: string;
  readonly kind: ArmKind;
  /** Score of each test row, 0 to 1; the same rows in the same order for every arm. */
  readonly outcomes: readonly number[];
  /** Cost that remains until it is in production; sunk costs are excluded. */
  readonly usdToGetThere: Range<Usd>;
  readonly usdPerThousandAnswers: Range<Usd>;
  /** Hosting, retraining, index maintenance: monthly costs that do not depend on the number of answers. */
  readonly usdPerMonth: Range<Usd>;
  readonly latency: { readonly p50: Seconds; readonly p95: Seconds } | null;
  /** The maintenance it needs, as text. */
  readonly upkeep: readonly string[];
}

/**
 * What counts as success.
 *
 * - `target`: a quality; the cheapest arm that reaches it wins.
 * - `gain`: a gain over a named arm, which stays in use if no other arm achieves it.
 * - `value`: the value of a correct answer; the arm with the largest net value wins.
 * - `margin`: neither is known. Among arms that are not tuned, those within the margin of the best are candidates;
 *   tuning wins if it is cheaper than each of these and not worse by more than the margin; otherwise they may win
 *   by the same test in reverse.
 */
export type Objective =
  | { readonly kind: "target"; readonly quality: number }
  | { readonly kind: "gain"; readonly over: string; readonly by: number }
  | { readonly kind: "value"; readonly usdPerCorrect: Usd }
  | { readonly kind: "margin"; readonly margin: number };

/** Facts besides the scores that the rules need. */
export interface DecisionFacts {
  /** Training rows that passed the checks. */
  readonly cleanTrainingRows: number;
  /** Names of failed leak checks; a single one makes the comparison invalid. */
  readonly failedLeakChecks: readonly string[];
  /** Answers must cite their sources, or rest on facts that change. */
  readonly needsCitations: boolean;
  readonly factsChange: boolean;
  /** Faults of the prompted answers, if known. */
  readonly failing: readonly ("form" | "tone" | "latency" | "labels" | "facts")[];
  /** 95th percentile latency that is still acceptable. */
  readonly latencyLimit: Seconds | null;
  /** The tuned model with fewer training rows, on the test rows; sizes are ascending, the last is the full set. */
  readonly learningCurve: readonly { readonly rows: number; readonly outcomes: readonly number[] }[];
  /** Few-shot scores on the test rows by number of examples, ascending. */
  readonly shots: readonly { readonly examples: number; readonly outcomes: readonly number[] }[];
}

/**
 * Everything a decision depends on.
 */
export interface DecisionInput {
  readonly arms: readonly DecisionArm[];
  /** Group of each test row (passage, template, conversation); `null` if rows are independent. */
  readonly groups: readonly (string | number)[] | null;
  /** `null` if unknown: then a verdict must hold at any volume. */
  readonly answersPerMonth: Range<number> | null;
  /** Horizon in months over which money is counted. */
  readonly months: number;
  readonly objective: Objective;
  readonly facts: DecisionFacts;
  readonly seed: number;
  /** Number of joint draws; default 4,000. */
  readonly draws?: number;
}

/** Whether an arm requires training. */
export function isTuned({ kind }: DecisionArm): boolean {
  return kind === "tuned" || kind === "tuned-rag";
}

/** Whether an arm retrieves passages. */
export function retrieves({ kind }: DecisionArm): boolean {
  return kind === "rag" || kind === "rag-few-shot" || kind === "tuned-rag";
}
