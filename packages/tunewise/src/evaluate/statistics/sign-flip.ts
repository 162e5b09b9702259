/** @file Permutation test for graded scores of two models on the same rows. */

import { type BootstrapSettings, mulberry32 } from "@tunewise/core/math";
import { sumGroups } from "./sums.ts";

/** Enumerates all sign flips of up to 14 units; beyond that, flips are sampled. */
const maxEnumerated = 14;
/** Sums that differ by less than rounding are equal, so that ties count as "at least as extreme". */
const rounding = 1e-9;

/**
 * Two-sided p-value of the null hypothesis that each difference is as likely to have the opposite sign. Flips all
 * signs, or a random sample of flips, and counts sums at least as extreme. Groups flip as one.
 *
 * @param differences one per row, second minus first
 * @param groups group of each row; `null` if rows are independent
 * @source Fisher 1935, The Design of Experiments, section 21; the "+ 1" of Phipson and Smyth 2010, Statistical
 *   Applications in Genetics and Molecular Biology 9, article 39
 */
export function signFlipTest(
  differences: ArrayLike<number>,
  groups: readonly (string | number)[] | null,
  settings: BootstrapSettings,
): number {
  const sums = sumGroups(differences, groups).sums.filter((sum) => sum !== 0);
  const scale = sums.reduce((sum, one) => sum + Math.abs(one), 0);
  const seen = Math.abs(sums.reduce((sum, one) => sum + one, 0)) - scale * rounding;
  return sums.length <= maxEnumerated ? enumerateFlips(sums, seen) : sampleFlips(sums, seen, settings);
}

function enumerateFlips(sums: Float64Array, seen: number): number {
  const ways = 2 ** sums.length;
  let far = 0;
  for (let way = 0; way < ways; way++) {
    let [sum, signs] = [0, way];
    for (const one of sums) {
      sum += signs & 1 ? one : -one;
      signs >>= 1;
    }
    if (Math.abs(sum) >= seen) far++;
  }
  return far / ways;
}

function sampleFlips(sums: Float64Array, seen: number, { seed, draws }: BootstrapSettings): number {
  const random = mulberry32(seed);
  let far = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (const one of sums) sum += random() < 0.5 ? one : -one;
    if (Math.abs(sum) >= seen) far++;
  }
  return (far + 1) / (draws + 1);
}
