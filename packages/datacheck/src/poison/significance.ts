/** @file Significance tests: exact tail probabilities, and false discovery rate control. */

/** ln n! for all n up to a limit, so that thousands of tests are table lookups. */
export class LogFactorials {
  private readonly values: Float64Array;

  /** @param limit maximum n */
  constructor(limit: number) {
    this.values = new Float64Array(limit + 1);
    for (let n = 2; n <= limit; n += 1) this.values[n] = (this.values[n - 1] ?? 0) + Math.log(n);
  }

  /**
   * Fisher's exact test, one-sided: log probability that at least `hits` of `drawn` rows are among the `marked` of
   * `total` rows. A logarithm, since a planted trigger's probability underflows.
   *
   * @source Fisher 1922; the upper tail of the hypergeometric distribution
   */
  fisherTail(total: number, marked: number, drawn: number, hits: number): number {
    const least = Math.max(0, drawn + marked - total);
    const most = Math.min(marked, drawn);
    if (hits <= least) return 0;
    if (hits > most) return Number.NEGATIVE_INFINITY;
    const logOf = (k: number): number => this.choose(marked, k) + this.choose(total - marked, drawn - k);
    const first = logOf(hits);
    let sum = 1;
    for (let k = hits + 1; k <= most; k += 1) {
      const term = Math.exp(logOf(k) - first);
      sum += term;
      if (term < sum * 1e-12) break;
    }
    return Math.min(0, first + Math.log(sum) - this.choose(total, drawn));
  }

  /** Binomial tail: log probability of at least `hits` in `tries`, each with probability `chance`. */
  binomialTail(tries: number, hits: number, chance: number): number {
    if (hits <= 0) return 0;
    let sum = 0;
    for (let k = hits; k <= tries; k += 1) {
      sum += Math.exp(this.choose(tries, k) + k * Math.log(chance) + (tries - k) * Math.log1p(-chance));
    }
    return Math.min(0, Math.log(sum));
  }

  private choose(n: number, k: number): number {
    return (this.values[n] ?? 0) - (this.values[k] ?? 0) - (this.values[n - k] ?? 0);
  }
}

/**
 * Benjamini-Hochberg threshold: the largest log p-value that is significant among this many tests.
 *
 * @param logs log p-values of interest; the others of `tests` count as 1
 * @param rate false discovery rate
 * @returns -Infinity if none is significant
 * @source Benjamini and Hochberg 1995, equation 1
 */
export function believedUpTo(logs: readonly number[], tests: number, rate: number): number {
  const sorted = Float64Array.from(logs).sort();
  for (let rank = sorted.length; rank > 0; rank -= 1) {
    const log = sorted[rank - 1] ?? 0;
    if (log <= Math.log((rate * rank) / tests)) return log;
  }
  return Number.NEGATIVE_INFINITY;
}
