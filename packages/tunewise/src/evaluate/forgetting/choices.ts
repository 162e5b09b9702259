/** @file Multiple-choice questions answered by likelihood, and how many answers the tuned model lost. */

import type { BootstrapSettings } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import { type Interval, weightedMean } from "../score.ts";
import { bootstrapped } from "../score-predictions.ts";
import {
  countPairs,
  exactMcNemar,
  minimumDetectableEffect,
  type PairedCounts,
  pairedDifference,
} from "../statistics/proportion.ts";

/** Properties of a question that scoring needs, besides its text. */
export interface ScoredItem {
  /** Number of characters of each choice. */
  readonly characters: readonly number[];
  /** Index of the right choice. */
  readonly answer: number;
}

/** How a model answered one question. */
export interface ChoiceOutcome {
  /** Right by log likelihood divided by the choice's length in characters; verdicts are based on this. */
  readonly isRight: boolean;
  /** Right by log likelihood alone. */
  readonly isRightPlain: boolean;
  /** Probability of the right choice, normalized over the choices; it moves before an answer flips. */
  readonly probability: number;
}

/** Two models on the same questions. Shares run from 0 to 1: a drop of 0.02 is two percentage points. */
export interface TaskChange {
  readonly items: number;
  readonly base: number;
  readonly tuned: number;
  /** Base minus tuned; above 0 if answers were lost. */
  readonly drop: number;
  /** 95 % confidence interval of the drop; `null` for fewer than two items. */
  readonly interval: Interval | null;
  /** Source of the interval: with few changed answers the bootstrap is too narrow. */
  readonly method: "paired-bootstrap" | "newcombe";
  /** Exact McNemar test, two-sided. */
  readonly pValue: number;
  readonly counts: PairedCounts;
  /** Smallest change that these items detect with 80 % power. */
  readonly detectable: number;
  /** The same shares by unnormalized likelihood. */
  readonly plain: { readonly base: number; readonly tuned: number };
  /** Mean probability of the right choice. */
  readonly probability: { readonly base: number; readonly tuned: number };
  /** Expected share of right answers by random guessing. */
  readonly chance: number;
}

/** Below this number of changed answers the bootstrap interval is too narrow; with none its width would be zero. */
const flipsForBootstrap = 10;

/**
 * Answers questions by likelihood: score = -nll / characters, unnormalized -nll. Ties go to the first choice; an
 * item with a loss that is not a number counts as unanswered.
 *
 * @param nll negative log likelihood of each choice of each item, summed over its tokens, in nats
 * @source EleutherAI/lm-evaluation-harness lm_eval/api/task.py: `acc_norm` (by length) and `acc` (plain)
 */
export function scoreChoices(
  items: readonly ScoredItem[],
  nll: readonly (readonly number[])[],
): ChoiceOutcome[] {
  return items.map(({ characters, answer }, at) => {
    const losses = nll[at] ?? [];
    if (losses.length !== characters.length)
      throw new RangeError(`Internal: ${losses.length} losses of ${characters.length} choices`);
    if (!losses.every(Number.isFinite)) return { isRight: false, isRightPlain: false, probability: 0 };
    const byLength = losses.map((loss, choice) => -loss / Math.max(1, characters[choice] ?? 1));
    const plain = losses.map((loss) => -loss);
    const best = plain.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const weights = plain.map((score) => Math.exp(score - best));
    return {
      isRight: firstBest(byLength) === answer,
      isRightPlain: firstBest(plain) === answer,
      probability: (weights[answer] ?? 0) / weights.reduce((sum, weight) => sum + weight, 0),
    };
  });
}

/**
 * Compares how two models answered the same questions.
 *
 * @param base outcomes of the base model
 * @param tuned outcomes of the tuned model, in the same order
 */
export function compareChoices(
  items: readonly ScoredItem[],
  base: readonly ChoiceOutcome[],
  tuned: readonly ChoiceOutcome[],
  settings: Partial<BootstrapSettings> = {},
): TaskChange {
  if (base.length !== tuned.length)
    throw new RangeError(`Internal: outcomes of ${base.length} and of ${countOf(tuned.length, "item")}`);
  const counts = countPairs(
    base.map(({ isRight }) => isRight),
    tuned.map(({ isRight }) => isRight),
  );
  const flips = counts.onlyBase + counts.onlyTuned;
  const share = (outcomes: readonly ChoiceOutcome[], key: "isRight" | "isRightPlain"): number =>
    meanOf(outcomes, (outcome) => Number(outcome[key]));
  const method = flips < flipsForBootstrap ? "newcombe" : "paired-bootstrap";
  return {
    items: base.length,
    base: share(base, "isRight"),
    tuned: share(tuned, "isRight"),
    drop: (counts.onlyBase - counts.onlyTuned) / base.length,
    interval: base.length < 2 ? null : dropInterval(method, counts, base, tuned, settings),
    method,
    pValue: exactMcNemar(counts.onlyBase, counts.onlyTuned),
    counts,
    detectable: minimumDetectableEffect(base.length, (flips + 1) / (base.length + 1)),
    plain: { base: share(base, "isRightPlain"), tuned: share(tuned, "isRightPlain") },
    probability: {
      base: meanOf(base, ({ probability }) => probability),
      tuned: meanOf(tuned, ({ probability }) => probability),
    },
    chance: meanOf(items, ({ characters }) => 1 / characters.length),
  };
}

/** The interval of the drop, base minus tuned; `pairedDifference` returns tuned minus base, so it is negated. */
function dropInterval(
  method: TaskChange["method"],
  counts: PairedCounts,
  base: readonly ChoiceOutcome[],
  tuned: readonly ChoiceOutcome[],
  settings: Partial<BootstrapSettings>,
): Interval | null {
  if (method === "newcombe") {
    const { low, high } = pairedDifference(counts);
    return { low: -high, high: -low };
  }
  const lost = base.map(({ isRight }, at) => Number(isRight) - Number((tuned[at] as ChoiceOutcome).isRight));
  const outcomes = lost.map((value) => ({ value, weight: 1 }));
  return bootstrapped(lost.length, (rows) => weightedMean(outcomes, rows), settings);
}

function firstBest(scores: readonly number[]): number {
  return scores.reduce((best, score, at) => (score > (scores[best] ?? Number.NaN) ? at : best), 0);
}

function meanOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
