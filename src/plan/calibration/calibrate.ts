/**
 * @file What finished runs of this machine say about its next plan: a factor, and how far a range must reach.
 *
 * Ratios of taken to planned are pooled as logarithms, so that twice and half weigh alike, under the conjugate prior
 * of a normal distribution: before any run the factor is 1 and the range the plan's own, and each run moves both.
 *
 * @source Gelman et al. 2013, "Bayesian Data Analysis", 3rd ed., section 3.3: normal data under a normal-inverse-chi-
 *   squared prior, whose predictive distribution is Student's t; Barber et al. 2021, "Predictive inference with the
 *   jackknife+": the reach of held-out residuals
 */
import { mean, normal95, studentQuantile } from "../../math/index.ts";
import type { Range } from "../../quantity/index.ts";

/** A finished run beside its plan, as the plan was before any calibration. */
export interface FinishedRun {
  /** Expected. */
  readonly plannedSeconds: number;
  readonly takenSeconds: number;
  /** `null`: the peak was not noted. */
  readonly plannedBytes: number | null;
  readonly takenBytes: number | null;
  /** Its times came from a probe; such plans are calibrated by their like. */
  readonly isProbed: boolean;
}

/** What the ratios of one quantity come to; enough to repeat the calibration. */
export interface Calibration {
  readonly runs: number;
  /** By which expected values are multiplied. */
  readonly factor: number;
  /** Mean of the logarithms of taken over planned, and the sum of their squared distances from it. */
  readonly meanLog: number;
  readonly squaresLog: number;
  /** Nine of ten runs, each held out, were this near to what the others said of it, as a logarithm. */
  readonly heldOutLog: number;
}

const prior = {
  /** Runs that "the plan is right" counts for: one run moves the factor half of the way. */
  runsOfMean: 1,
  /** Runs that the plan's own range counts for. */
  runsOfSpread: 2,
  /** Share of runs that a range is to hold. */
  coverage: 0.9,
  /** A ratio beyond twenty says that the clock or the machine stood still, not how fast it is. */
  mostLog: Math.log(20),
} as const;

/** Calibration from planned and taken values of one quantity; `null` without a usable pair. */
export function calibrate(pairs: readonly (readonly [planned: number, taken: number])[]): Calibration | null {
  const logs = pairs
    .filter(([planned, taken]) => planned > 0 && taken > 0)
    .map(([planned, taken]) => Math.max(-prior.mostLog, Math.min(prior.mostLog, Math.log(taken / planned))));
  if (logs.length === 0) return null;
  const runs = logs.length;
  const meanLog = mean(logs);
  const squaresLog = logs.reduce((sum, log) => sum + (log - meanLog) ** 2, 0);
  return {
    runs,
    factor: Math.exp(shrunkMean(meanLog, runs)),
    meanLog,
    squaresLog,
    heldOutLog: heldOutReach(logs),
  };
}

/** A range under a calibration: multiplied, and as wide as prior and runs together ask for. */
export function calibratedRange<Quantity extends number>(
  { low, expected, high }: Range<Quantity>,
  calibration: Calibration | null,
  make: (value: number) => Quantity,
): Range<Quantity> {
  if (calibration === null || low <= 0) return { low, expected, high };
  const centre = expected * calibration.factor;
  return {
    low: make(centre / Math.exp(reach(Math.log(expected / low), calibration))),
    expected: make(centre),
    high: make(centre * Math.exp(reach(Math.log(high / expected), calibration))),
  };
}

/** How far a range reaches to one side, as a logarithm. @source as for the file, predictive distribution */
function reach(ownReach: number, { runs, meanLog, squaresLog, heldOutLog }: Calibration): number {
  const { runsOfMean, runsOfSpread } = prior;
  const ownSpread = ownReach / normal95; // a plan's low and high ends are meant to hold nine of ten
  const freedom = runsOfSpread + runs;
  const between = ((runsOfMean * runs) / (runsOfMean + runs)) * meanLog ** 2;
  const variance = (runsOfSpread * ownSpread ** 2 + squaresLog + between) / freedom;
  const predicted = studentQuantile(0.95, freedom) * Math.sqrt(variance * (1 + 1 / (runsOfMean + runs)));
  // one run held out has nothing but the prior to be predicted from
  return runs > 1 ? Math.max(predicted, heldOutLog) : predicted;
}

/** Each run predicted from the others: the distance that nine of ten stay within. */
function heldOutReach(logs: readonly number[]): number {
  if (logs.length < 2) return 0;
  const sum = logs.reduce((all, log) => all + log, 0);
  const distances = logs
    .map((log) => Math.abs(log - shrunkMean((sum - log) / (logs.length - 1), logs.length - 1)))
    .sort((a, b) => a - b);
  const at = Math.ceil(prior.coverage * (logs.length + 1)) - 1;
  return distances[Math.min(at, distances.length - 1)] ?? 0;
}

function shrunkMean(meanLog: number, runs: number): number {
  return (runs * meanLog) / (runs + prior.runsOfMean);
}
