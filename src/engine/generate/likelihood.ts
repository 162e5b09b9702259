/**
 * @file How likely the model held a token, and which others it held likely.
 */

/** A token with the natural logarithm of its probability. */
export interface Likelihood {
  readonly id: number;
  readonly logProbability: number;
}

/**
 * Log probabilities of a token and of the `count` likeliest, likeliest first, before temperature.
 *
 * @param logits `[V]`
 * @source log softmax: x - max - log sum exp(x - max), Goodfellow et al. 2016, section 4.1
 */
export function likelihoods(
  logits: Float32Array,
  id: number,
  count: number,
): { readonly own: Likelihood; readonly likeliest: readonly Likelihood[] } {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const offset = most + Math.log(sum);
  const of = (place: number): Likelihood => {
    return { id: place, logProbability: (logits[place] as number) - offset };
  };
  return { own: of(id), likeliest: largest(logits, count).map(of) };
}

/** Places of the `count` largest values, largest first; of equals the first ones. */
function largest(values: Float32Array, count: number): number[] {
  const found: number[] = [];
  const at = (rank: number): number => values[found[rank] as number] as number;
  for (let place = 0; place < values.length && count > 0; place++) {
    const value = values[place] as number;
    if (found.length === count && value <= at(count - 1)) continue;
    let rank = found.length;
    while (rank > 0 && value > at(rank - 1)) rank--;
    found.splice(rank, 0, place);
    if (found.length > count) found.pop();
  }
  return found;
}
