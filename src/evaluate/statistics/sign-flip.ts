/**
 * @file Whether graded scores of two models differ by more than chance.
 */

import { type BootstrapSettings, mulberry32 } from "../../math/index.ts";
import { sumGroups } from "./sums.ts";

/** Up to 2^14 ways to flip signs are all tried; beyond that they are drawn. */
const allUpTo = 14;
/** Sums that differ by less than rounding are equal, so that ties count as "at least as far". */
const rounding = 1e-9;

/**
 * Two-sided p value of "the differences are as likely to be turned round": all signs are flipped, or many at random,
 * and sums at least as far from 0 are counted. Groups flip as one.
 *
 * @param differences one per row, as second minus first
 * @param groups group of each row; `null` where rows stand for themselves
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
  return sums.length <= allUpTo ? tryAll(sums, seen) : tryMany(sums, seen, settings);
}

function tryAll(sums: Float64Array, seen: number): number {
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

function tryMany(sums: Float64Array, seen: number, { seed, draws }: BootstrapSettings): number {
  const random = mulberry32(seed);
  let far = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (const one of sums) sum += random() < 0.5 ? one : -one;
    if (Math.abs(sum) >= seen) far++;
  }
  return (far + 1) / (draws + 1);
}
