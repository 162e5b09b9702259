/**
 * @file What chance decides once for all machines, so that they are compared under the same luck.
 */
import { mulberry32, type Random, randomNormal, randomPoisson } from "../../math/index.ts";
import type { Factor } from "../range-arithmetic.ts";
import type { SpendAssumptions } from "./assumptions.ts";

/** One value per outcome. */
export interface Draws {
  readonly count: number;
  /** Standard normal: how far from the expected time this outcome's training, judging and start are. */
  readonly train: Float64Array;
  readonly judge: Float64Array;
  readonly start: Float64Array;
  readonly rework: Float64Array;
  /** Whole trainings that the search comes to. */
  readonly searched: Float64Array;
  /** Whole trainings lost to failures. */
  readonly lost: Float64Array;
  readonly retrainings: Float64Array;
}

/** How much trials differ in what they run: concentration of the share's distribution. */
const trialConcentration = 6;

/** Draws all outcomes. @source mean of n shares: variance s (1 - s) / ((c + 1) n), as of a beta distribution */
export function drawOutcomes(assumed: SpendAssumptions): Draws {
  const { outcomes, seed, seeds, trials, trialShare, failureRate, retrainsPerYear } = assumed;
  const random = mulberry32(seed);
  const fill = (make: () => number): Float64Array => Float64Array.from({ length: outcomes }, make);
  const spread = Math.sqrt(
    (trialShare * (1 - trialShare)) / ((trialConcentration + 1) * Math.max(1, trials)),
  );
  const share = (): number => Math.min(1, Math.max(0.01, trialShare + spread * randomNormal(random)));
  return {
    count: outcomes,
    train: fill(() => randomNormal(random)),
    judge: fill(() => randomNormal(random)),
    start: fill(() => randomNormal(random)),
    rework: fill(() => randomNormal(random)),
    searched: fill(() => (trials > 0 ? trials * share() : 0)),
    // a broken trial loses a share of what a trial runs
    lost: fill(
      () => lostRuns(random, seeds, failureRate) + trialShare * lostRuns(random, trials, failureRate),
    ),
    retrainings: fill(() => randomPoisson(random, retrainsPerYear)),
  };
}

/** Most runs that are drawn one by one; above, a normal value stands for them. */
const runsOneByOne = 64;

/**
 * Runs that are lost before so many have ended well, each counted by the share of it that ran.
 *
 * @source negative binomial: mean runs x rate / (1 - rate); a run breaks anywhere with the same chance
 */
export function lostRuns(random: Random, runs: number, rate: number): number {
  if (rate <= 0) return 0;
  if (runs > runsOneByOne) {
    const mean = (runs * rate) / (1 - rate);
    const spread = Math.sqrt(mean / (1 - rate));
    return Math.max(0, mean + spread * randomNormal(random)) / 2;
  }
  let lost = 0;
  for (let run = 0; run < runs; run++) while (random() < rate) lost += random();
  return lost;
}

/** Standard normal value that 95 % of outcomes stay below. */
const normal95 = 1.6449;

/**
 * A range as a distribution: low and high are its 5 % and 95 % points, expected is its middle; the two halves are
 * log-normal.
 *
 * @param normal a standard normal value
 * @source Limpert, Stahel and Abbt 2001, BioScience 51(5): products of many causes are log-normal
 */
export function outcomeOf({ low, expected, high }: Factor, normal: number): number {
  if (expected <= 0) return 0;
  const edge = normal > 0 ? high / expected : expected / Math.max(low, expected / 1e6);
  return expected * edge ** (normal / normal95);
}
