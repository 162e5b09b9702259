/** @file Agreement of two raters, raw and corrected for chance (Cohen's kappa). */

/** Agreement of two raters on the same items. */
export interface Agreement {
  readonly items: number;
  /** Share of items with the same verdict. */
  readonly raw: number;
  /** Cohen's kappa: 1 is perfect agreement, 0 chance level; `null` if both gave the same single verdict throughout. */
  readonly kappa: number | null;
}

/**
 * Computes the agreement of two lists of verdicts.
 *
 * @param first verdicts of one rater, at least one
 * @param second verdicts of the other rater on the same items
 * @source Cohen 1960, Educational and Psychological Measurement 20, 37-46
 * @example agreement(["a", "b", "a", "a"], ["a", "b", "b", "a"]) // raw 0.75, kappa 0.5
 */
export function agreement(first: readonly string[], second: readonly string[]): Agreement {
  const items = first.length;
  const same = first.filter((verdict, at) => verdict === second[at]).length;
  const share = (list: readonly string[], verdict: string) =>
    list.filter((one) => one === verdict).length / items;
  const byChance = [...new Set([...first, ...second])]
    .map((verdict) => share(first, verdict) * share(second, verdict))
    .reduce((sum, one) => sum + one, 0);
  const raw = same / items;
  return { items, raw, kappa: byChance >= 1 ? null : (raw - byChance) / (1 - byChance) };
}
