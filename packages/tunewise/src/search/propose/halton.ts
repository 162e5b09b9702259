/** @file Scrambled Halton sequence: a low-discrepancy sequence, more evenly spread than random points. */

import { mulberry32For, randomBelow, shuffled } from "@tunewise/core/math";
import { maxHyperparameters } from "../space/check-space.ts";

/** Differences between positions that no hyperparameter resolves. */
const resolution = 2 ** -20;

/**
 * One point of a Halton sequence whose digits are permuted independently in every dimension and at every position.
 *
 * @param index counts from 0
 * @returns `dimensions` numbers in [0, 1)
 * @source Halton 1960, Numerische Mathematik 2, 84-90; digits permuted as in Owen 2017, A randomized Halton algorithm
 *   in R (arXiv 1706.02808), section 3
 */
export function haltonPlace(index: number, dimensions: number, seed: number): Float64Array {
  return Float64Array.from({ length: dimensions }, (_, at) =>
    radicalInverse(index, primes[at] as number, (digit) => permutation(seed, at, digit)),
  );
}

/** Radical inverse: the permuted digits of an index in a base, mirrored at the radix point. */
function radicalInverse(index: number, base: number, permutationOf: (digit: number) => number[]): number {
  let [rest, weight, sum] = [index, 1 / base, 0];
  for (let digit = 0; weight > resolution; digit++) {
    sum += (permutationOf(digit)[rest % base] as number) * weight;
    rest = Math.floor(rest / base);
    weight /= base;
  }
  return Math.min(sum, 1 - resolution);
}

function permutation(seed: number, dimension: number, digit: number): number[] {
  const random = mulberry32For(seed, dimension, digit);
  const digits = Array.from({ length: primes[dimension] as number }, (_, at) => at);
  return shuffled(digits, (limit) => randomBelow(random, limit));
}

/** As many primes as a space may have hyperparameters. */
const primes: readonly number[] = firstPrimes(maxHyperparameters);

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}
