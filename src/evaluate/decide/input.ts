/**
 * @file What a decision is made from: arms measured on the same rows, what they cost, and what is wanted.
 */
import type { Range, Seconds, Usd } from "../../quantity/index.ts";

/** A way to get answers. `neighbours`: the most alike training rows vote · `oracle`: retrieval replaced by the right passages; it cannot be bought · `trivial`: an answer that needs no model. */
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

/** One way, as it was measured. */
export interface DecisionArm {
  readonly name: string;
  readonly kind: ArmKind;
  /** Score of each test row, 0 to 1; the same rows in the same order for every arm. */
  readonly outcomes: readonly number[];
  /** What must still be paid until it answers in earnest; money that is gone whatever is decided is not part of it. */
  readonly usdToGetThere: Range<Usd>;
  readonly usdPerThousandAnswers: Range<Usd>;
  /** Hosting, retraining, keeping an index: whatever comes back every month, however few the answers. */
  readonly usdPerMonth: Range<Usd>;
  readonly latency: { readonly p50: Seconds; readonly p95: Seconds } | null;
  /** What keeping it alive takes, in words. */
  readonly upkeep: readonly string[];
}

/**
 * What would be worth having.
 *
 * - `target`: a quality; the cheapest arm that reaches it wins.
 * - `gain`: the same, as a gain over a named arm, which stays where no other brings it.
 * - `value`: what one correct answer is worth; the arm with the largest net value wins.
 * - `margin`: neither is known. Of the arms that are not tuned, those within the margin of the best of them count;
 *   tuning wins if it is cheaper than each of these and not worse by more than the margin; else they may win the
 *   other way round.
 */
export type Objective =
  | { readonly kind: "target"; readonly quality: number }
  | { readonly kind: "gain"; readonly over: string; readonly by: number }
  | { readonly kind: "value"; readonly usdPerCorrect: Usd }
  | { readonly kind: "margin"; readonly margin: number };

/** Facts beside the scores that the rules ask for. */
export interface DecisionFacts {
  /** Training rows that passed the checks. */
  readonly cleanTrainingRows: number;
  /** Names of leak checks that failed; one is enough to make the comparison void. */
  readonly failedLeakChecks: readonly string[];
  /** Answers must name their sources, or rest on facts that change. */
  readonly needsCitations: boolean;
  readonly factsChange: boolean;
  /** What is wrong with the prompted answers, where that is known. */
  readonly failing: readonly ("form" | "tone" | "latency" | "labels" | "facts")[];
  /** Slowest answer of twenty that is still good enough. */
  readonly latencyLimit: Seconds | null;
  /** The tuned model after fewer training rows, on the test rows; sizes rise, the last is all there are. */
  readonly learningCurve: readonly { readonly rows: number; readonly outcomes: readonly number[] }[];
  /** Few-shot scores by number of examples on the test rows, rising. */
  readonly shots: readonly { readonly examples: number; readonly outcomes: readonly number[] }[];
}

/** Everything a decision is made from. */
export interface DecisionInput {
  readonly arms: readonly DecisionArm[];
  /** What each test row belongs to (passage, template, dialogue); `null` where rows stand for themselves. */
  readonly groups: readonly (string | number)[] | null;
  /** `null` where nobody knows: then a verdict must hold at any volume. */
  readonly answersPerMonth: Range<number> | null;
  /** Months over which money is counted. */
  readonly months: number;
  readonly wish: Objective;
  readonly facts: DecisionFacts;
  readonly seed: number;
  /** Joint draws; default 4,000. */
  readonly draws?: number;
}

/** Whether an arm needs training. */
export function isTuned({ kind }: DecisionArm): boolean {
  return kind === "tuned" || kind === "tuned-rag";
}

/** Whether an arm looks facts up. */
export function retrieves({ kind }: DecisionArm): boolean {
  return kind === "rag" || kind === "rag-few-shot" || kind === "tuned-rag";
}
