/** @file Random draws shared by all placements (common random numbers), for a fair comparison. */
import { mulberry32, type Random, randomNormal, randomPoisson } from "@tunewise/core/math";
import type { Factor } from "../range-arithmetic.ts";
import type { SpendAssumptions } from "./assumptions.ts";

/** Random values, one per outcome. */
export interface Draws {
  readonly count: number;
  /** Standard normal deviates of the time for training, evaluation and startup. */
  readonly train: Float64Array;
  readonly judge: Float64Array;
  readonly start: Float64Array;
  readonly rework: Float64Array;
  /** Search cost in units of full trainings. */
  readonly searched: Float64Array;
  /** Cost of failures in units of full trainings. */
  readonly lost: Float64Array;
  readonly retrainings: Float64Array;
}

/** Concentration of the distribution of the share that a trial runs. */
const trialConcentration = 6;

/** Draws all outcomes. @source mean of n beta-distributed shares: variance s (1 - s) / ((c + 1) n) */
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
    // a failed trial loses a share of a trial's work
    lost: fill(
      () => lostRuns(random, seeds, failureRate) + trialShare * lostRuns(random, trials, failureRate),
    ),
    retrainings: fill(() => randomPoisson(random, retrainsPerYear)),
  };
}

/** Max. runs drawn one by one; beyond, a normal approximation is used. */
const runsOneByOne = 64;

/**
 * Draws the failed runs before `runs` successes. Each failed run counts as the share of it that ran.
 *
 * @source negative binomial: mean runs x rate / (1 - rate); failures are uniformly distributed over a run
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

/** 95 % quantile of the standard normal distribution. */
const normal95 = 1.6449;

/**
 * Maps standard normal deviates to a range: low and high are the 5 % and 95 % quantiles, expected is the median; both
 * halves are log-normal.
 *
 * @param normals standard normal deviates
 * @source Limpert, Stahel and Abbt 2001, BioScience 51(5): products of many factors are log-normal
 */
export function outcomesOf({ low, expected, high }: Factor, normals: Float64Array): Float64Array {
  const outcomes = new Float64Array(normals.length);
  if (expected <= 0) return outcomes;
  const above = Math.log(high / expected) / normal95;
  const below = Math.log(expected / Math.max(low, expected / 1e6)) / normal95;
  if (above === 0 && below === 0) return outcomes.fill(expected);
  for (let at = 0; at < outcomes.length; at++) {
    const normal = normals[at] as number;
    outcomes[at] = expected * Math.exp(normal * (normal > 0 ? above : below));
  }
  return outcomes;
}
