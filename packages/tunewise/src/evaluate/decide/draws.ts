/** @file Monte Carlo simulation: joint draws of quality, price and volume, consistent with the measurements. */

import { mean, mulberry32, normal95, randomNormal, studentQuantile } from "@tunewise/core/math";
import type { Range } from "@tunewise/core/quantity";
import { type GroupSums, sumGroups } from "../statistics/sums.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";

const defaultDraws = 4000;

/** One arm in every simulation; money in dollars. */
export interface ArmDraws {
  readonly quality: Float64Array;
  /** Upfront cost plus monthly costs over the horizon. */
  readonly fixedUsd: Float64Array;
  readonly usdPerAnswer: Float64Array;
}

/** All arms in the same simulations. */
export interface Simulations {
  readonly count: number;
  /** Answers over the horizon; `null` if the volume is not known. */
  readonly answers: Float64Array | null;
  readonly arms: readonly ArmDraws[];
}

/**
 * Draws simulations by a Bayesian bootstrap.
 *
 * Rows get random weights, the same for every arm and for all rows of a group, so that variation common to all arms
 * cancels. Half a right and half a wrong answer are added to each arm, so that "all right" does not mean "certainly
 * all right". The spread is widened by Student's t, because it is estimated.
 *
 * @source Rubin 1981, Annals of Statistics 9, 130-134 (Bayesian bootstrap); Jeffreys' half counts, Brown, Cai and
 *   DasGupta 2001, Statistical Science 16, 101-133
 */
export function simulate(input: DecisionInput): Simulations {
  const count = input.draws ?? defaultDraws;
  const random = mulberry32(input.seed);
  const qualities = drawQualities(
    input.arms.map(({ outcomes }) => outcomes),
    input.groups,
    count,
    random,
  );
  const answers = input.answersPerMonth
    ? drawRange(input.answersPerMonth, count, random).map((monthly) => monthly * input.months)
    : null;
  const arms = input.arms.map((arm, at) => ({
    quality: qualities[at] as Float64Array,
    ...drawCosts(arm, input.months, count, random),
  }));
  return { count, answers, arms };
}

/** Mean scores in every simulation. @source as `simulate` */
export function drawQualities(
  outcomes: readonly (readonly number[])[],
  groups: DecisionInput["groups"],
  count: number,
  random: () => number,
): Float64Array[] {
  const summed = outcomes.map((scores) => sumGroups(scores, groups));
  const { sizes } = summed[0] as GroupSums;
  const units = sizes.length;
  const stretch = studentQuantile(0.95, Math.max(1, units - 1)) / normal95;
  const spread = stretch * Math.sqrt((units + 1) / Math.max(1, units - 1));
  const found = outcomes.map(() => new Float64Array(count));
  const means = outcomes.map((scores) => mean(scores));
  const weights = new Float64Array(units);
  for (let draw = 0; draw < count; draw++) {
    let rows = 0;
    for (let unit = 0; unit < units; unit++) {
      const weight = -Math.log(1 - random());
      weights[unit] = weight;
      rows += weight * (sizes[unit] ?? 0);
    }
    summed.forEach(({ sums }, arm) => {
      let right = randomNormal(random) ** 2 / 2; // gamma distribution of shape 1/2
      const all = rows + right + randomNormal(random) ** 2 / 2;
      for (let unit = 0; unit < units; unit++) right += (weights[unit] ?? 0) * (sums[unit] ?? 0);
      const middle = means[arm] ?? 0;
      (found[arm] as Float64Array)[draw] = middle + (right / all - middle) * spread;
    });
  }
  return found;
}

function drawCosts(
  arm: DecisionArm,
  months: number,
  count: number,
  random: () => number,
): Pick<ArmDraws, "fixedUsd" | "usdPerAnswer"> {
  const once = drawRange(arm.usdToGetThere, count, random);
  const monthly = drawRange(arm.usdPerMonth, count, random);
  return {
    fixedUsd: once.map((money, draw) => (money + months * (monthly[draw] ?? 0)) / 1e6),
    usdPerAnswer: drawRange(arm.usdPerThousandAnswers, count, random).map((money) => money / 1e9),
  };
}

/**
 * Samples a log-normal range: low and high are the 5th and 95th percentiles, expected the median.
 *
 * @source Limpert, Stahel and Abbt 2001, BioScience 51, 341-352
 */
export function drawRange(
  { low, expected, high }: Range<number>,
  count: number,
  random: () => number,
): Float64Array {
  if (expected <= 0) return new Float64Array(count);
  const [down, up] = [expected / Math.max(low, expected / 1e6), high / expected];
  return new Float64Array(count).map(() => {
    const normal = randomNormal(random);
    return expected * (normal > 0 ? up : down) ** (normal / normal95);
  });
}
