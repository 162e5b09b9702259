/**
 * @file KL divergence of the tuned model's next-token distribution from the base model's, at each position of
 *   neutral prompts.
 */

import type { BootstrapSettings } from "@tunewise/core/math";
import type { PromptDivergence } from "@tunewise/core/run";
import { type Interval, weightedMean } from "../score.ts";
import { bootstrapped } from "../score-predictions.ts";

/** Mean divergence per position, over all prompts. */
export interface DivergenceChange {
  /** Nats per position; 0 if the models agree. */
  readonly kl: number;
  /** 95 % confidence interval over the choice of prompts; `null` for fewer than two. */
  readonly interval: Interval | null;
  readonly prompts: number;
  readonly positions: number;
}

/**
 * Kullback-Leibler divergence of the tuned model's distribution from the base model's, position by position:
 * KL(base || tuned) = sum over v of p(v) (log p(v) - log q(v)), with p and q the softmax of the logits.
 *
 * @param base `[T, V]` logits of the base model
 * @param tuned `[T, V]` logits of the tuned model
 * @param vocabulary V
 * @returns nats at each of the T positions, never negative
 * @source Kullback and Leibler 1951, Annals of Mathematical Statistics 22(1), 79-86; as a measure of forgetting:
 *   Shenfeld et al. 2025 (arXiv 2509.04259)
 */
export function positionDivergence(
  base: Float32Array,
  tuned: Float32Array,
  vocabulary: number,
): Float64Array {
  if (base.length !== tuned.length || base.length % vocabulary !== 0)
    throw new RangeError(`Internal: ${base.length} and ${tuned.length} logits of ${vocabulary} words`);
  const divergence = new Float64Array(base.length / vocabulary);
  for (let place = 0; place < divergence.length; place++) {
    const p = base.subarray(place * vocabulary, (place + 1) * vocabulary);
    const q = tuned.subarray(place * vocabulary, (place + 1) * vocabulary);
    const [normP, normQ] = [logSumExp(p), logSumExp(q)];
    let sum = 0;
    for (let word = 0; word < vocabulary; word++) {
      const logP = (p[word] as number) - normP;
      const weight = Math.exp(logP);
      if (weight > 0) sum += weight * (logP - ((q[word] as number) - normQ));
    }
    divergence[place] = Math.max(0, sum); // rounding can leave a tiny negative sum
  }
  return divergence;
}

/** Mean divergence over all positions of all prompts; the bootstrap resamples whole prompts. */
export function summarizeDivergence(
  prompts: readonly PromptDivergence[],
  settings: Partial<BootstrapSettings> = {},
): DivergenceChange {
  const outcomes = prompts.map(({ sum, positions }) => ({ value: sum, weight: positions }));
  return {
    kl: weightedMean(outcomes, null),
    interval: bootstrapped(prompts.length, (rows) => weightedMean(outcomes, rows), settings),
    prompts: prompts.length,
    positions: prompts.reduce((sum, { positions }) => sum + positions, 0),
  };
}

/**
 * Log-sum-exp, shifted by the largest value so that no exponential overflows.
 *
 * @source Blanchard, Higham and Higham 2021, IMA Journal of Numerical Analysis 41(4), 2311-2330
 */
function logSumExp(values: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - max);
  return max + Math.log(sum);
}
