/** @file Log probabilities of a token and of its likeliest alternatives. */

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
  const offset = logSumExp(logits);
  const of = (place: number): Likelihood => {
    return { id: place, logProbability: (logits[place] as number) - offset };
  };
  return { own: of(id), likeliest: largest(logits, count).map(of) };
}

/**
 * Logarithm of the sum of exponentials; a logit minus this is its log probability.
 *
 * @param logits `[V]`, at least one
 * @source log softmax: Goodfellow et al. 2016, section 4.1
 */
export function logSumExp(logits: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logits.length; at++) most = Math.max(most, logits[at] as number);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let at = 0; at < logits.length; at++) sum += Math.exp((logits[at] as number) - most);
  return most + Math.log(sum);
}

/** Indices of the `count` largest values, largest first; among equals the first ones. */
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
