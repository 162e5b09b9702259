/** @file Holm-Bonferroni correction of p-values for multiple comparisons. */

/**
 * Holm's adjusted p-values, in the order given: the smallest times m, the next times m - 1, each at least the one
 * before it.
 *
 * @source Holm 1979, Scandinavian Journal of Statistics 6, 65-70
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted: number[] = [];
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * (pValues[at] ?? 1)));
    adjusted[at] = least;
  });
  return adjusted;
}
