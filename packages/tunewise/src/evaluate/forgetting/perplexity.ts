/** @file Perplexity of the same documents before and after training, paired by document. */

import type { BootstrapSettings } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { RowLoss } from "@tunewise/core/run";
import { type Interval, weightedMean } from "../score.ts";
import { bootstrapped } from "../score-predictions.ts";

/** Perplexity of two models on the same documents. */
export interface PerplexityChange {
  readonly base: number;
  readonly tuned: number;
  /** Tuned over base, minus one: 0.05 is a rise of 5 %. */
  readonly rise: number;
  /** 95 % confidence interval of the rise over the choice of documents; `null` for fewer than two documents. */
  readonly interval: Interval | null;
  readonly documents: number;
  /** Tokens that count toward the loss. */
  readonly tokens: number;
}

/**
 * Compares the losses of two models on the same documents.
 *
 * Both are weighted by tokens, so the rise follows from the mean difference of the losses per token: rise = exp(sum
 * of (tuned - base) / sum of tokens) - 1. The bootstrap resamples documents together with both losses.
 *
 * @param base losses of the base model, one per document
 * @param tuned losses of the tuned model, in the same order
 * @source Jelinek et al. 1977 (perplexity); Efron and Tibshirani 1993, section 13.3 (percentile interval)
 */
export function comparePerplexity(
  base: readonly RowLoss[],
  tuned: readonly RowLoss[],
  settings: Partial<BootstrapSettings> = {},
): PerplexityChange {
  if (base.length !== tuned.length)
    throw new RangeError(`Internal: losses of ${base.length} and of ${countOf(tuned.length, "document")}`);
  const pairs = base
    .map(({ nll, labelledTokens }, at) => ({
      base: nll,
      tuned: (tuned[at] as RowLoss).nll,
      tokens: labelledTokens,
    }))
    .filter((pair) => pair.tokens > 0);
  const tokens = pairs.reduce((sum, pair) => sum + pair.tokens, 0);
  const perplexity = (arm: "base" | "tuned"): number =>
    Math.exp(pairs.reduce((sum, pair) => sum + pair[arm], 0) / tokens);
  const differences = pairs.map((pair) => ({ value: pair.tuned - pair.base, weight: pair.tokens }));
  const rise = (rows: Int32Array | null): number => Math.expm1(weightedMean(differences, rows));
  return {
    base: perplexity("base"),
    tuned: perplexity("tuned"),
    rise: rise(null),
    interval: bootstrapped(pairs.length, rise, settings),
    documents: pairs.length,
    tokens,
  };
}
