/**
 * @file MinHash signatures: the share of equal values estimates the Jaccard index of two sets.
 *
 * @source Broder 1997, "On the resemblance and containment of documents"
 */
import { randomStream } from "@tunewise/core/math";

/** LSH bands of four: pairs with Jaccard 0.7 collide in at least one with probability 1 - (1 - 0.7^4)^32 = 0.9998. */
export const bands = 32;
/** Values per band. */
export const bandRows = 4;
/** Values per signature. */
export const permutations: number = bands * bandRows;

/** Permutations of 32-bit numbers: x to a x + b with odd a. */
interface Permutations {
  readonly factors: Int32Array;
  readonly addends: Int32Array;
}

/** Derives permutations from a seed. */
export function permutationsFrom(seed: number, count: number = permutations): Permutations {
  const random = randomStream(seed);
  return {
    factors: Int32Array.from({ length: count }, () => random.next() | 1),
    addends: Int32Array.from({ length: count }, () => random.next() | 0),
  };
}

/**
 * Writes the minimum of each permutation over a set of hashes, which may contain duplicates.
 *
 * Processes four permutations at a time, whose minima stay in registers.
 *
 * @param hashes uniformly distributed 32-bit numbers; the first `count` are the set, at least one
 * @param into as long as there are permutations, a multiple of four
 */
export function sign(
  { factors, addends }: Permutations,
  hashes: Int32Array,
  count: number,
  into: Int32Array,
): void {
  for (let k = 0; k < into.length; k += 4) {
    const [a0, a1] = [factors[k] as number, factors[k + 1] as number];
    const [a2, a3] = [factors[k + 2] as number, factors[k + 3] as number];
    const [b0, b1] = [addends[k] as number, addends[k + 1] as number];
    const [b2, b3] = [addends[k + 2] as number, addends[k + 3] as number];
    let [m0, m1, m2, m3] = [0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff];
    for (let at = 0; at < count; at++) {
      const x = hashes[at] as number;
      const h0 = (Math.imul(x, a0) + b0) | 0;
      const h1 = (Math.imul(x, a1) + b1) | 0;
      const h2 = (Math.imul(x, a2) + b2) | 0;
      const h3 = (Math.imul(x, a3) + b3) | 0;
      if (h0 < m0) m0 = h0;
      if (h1 < m1) m1 = h1;
      if (h2 < m2) m2 = h2;
      if (h3 < m3) m3 = h3;
    }
    into[k] = m0;
    into[k + 1] = m1;
    into[k + 2] = m2;
    into[k + 3] = m3;
  }
}
