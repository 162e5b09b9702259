/**
 * @file How far two judges agree, beside what they would agree by chance.
 */

/** Agreement of two judges on the same items. */
export interface Agreement {
  readonly items: number;
  /** Share of items with the same verdict. */
  readonly raw: number;
  /** Cohen's kappa: 1 all alike, 0 as by chance; `null` where both gave one and the same verdict throughout. */
  readonly kappa: number | null;
}

/**
 * Agreement of two lists of verdicts.
 *
 * @param first verdicts of one judge, at least one
 * @param second verdicts of the other on the same items
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
