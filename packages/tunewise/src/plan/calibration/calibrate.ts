/**
 * @file Calibrates plans with finished runs on this machine: a correction factor, and the width of the range.
 *
 * Log ratios of actual to planned values are pooled under the conjugate prior of a normal distribution: without runs
 * the factor is 1 and the range is the plan's own; each run updates both.
 *
 * @source Gelman et al. 2013, "Bayesian Data Analysis", 3rd ed., section 3.3: normal data under a normal-inverse-chi-
 *   squared prior, whose predictive distribution is Student's t; Barber et al. 2021, "Predictive inference with the
 *   jackknife+": the use of held-out residuals
 */
import { mean, normal95, studentQuantile } from "@tunewise/core/math";
import type { Range } from "@tunewise/core/quantity";

/** Actual and planned values of a finished run; planned values are uncalibrated. */
export interface FinishedRun {
  /** Expected value. */
  readonly plannedSeconds: number;
  readonly takenSeconds: number;
  /** `null`: the peak was not recorded. */
  readonly plannedBytes: number | null;
  readonly takenBytes: number | null;
  /** Whether its times came from a probe; such plans are calibrated separately. */
  readonly isProbed: boolean;
}

/** Calibration of one quantity, with everything needed to reproduce it. */
export interface Calibration {
  readonly runs: number;
  /** Factor for expected values. */
  readonly factor: number;
  /** Mean of the log ratios of actual to planned values, and the sum of their squared deviations. */
  readonly meanLog: number;
  readonly squaresLog: number;
  /** 90th percentile of the leave-one-out errors of the log ratio. */
  readonly heldOutLog: number;
}

const prior = {
  /** Pseudo-observations of the prior mean: one run moves the factor halfway. */
  runsOfMean: 1,
  /** Pseudo-observations of the prior variance. */
  runsOfSpread: 2,
  /** Coverage of a range. */
  coverage: 0.9,
  /** Ratios beyond 20 are clipped: the machine was suspended or the clock was wrong. */
  maxLog: Math.log(20),
} as const;

/** Computes a calibration from planned and actual values; `null` without a usable pair. */
export function calibrate(pairs: readonly (readonly [planned: number, taken: number])[]): Calibration | null {
  const logs = pairs
    .filter(([planned, taken]) => planned > 0 && taken > 0)
    .map(([planned, taken]) => Math.max(-prior.maxLog, Math.min(prior.maxLog, Math.log(taken / planned))));
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

/** Applies a calibration to a range: shifts it by the factor and sets its width from prior and runs. */
export function calibratedRange<Quantity extends number>(
  { low, expected, high }: Range<Quantity>,
  calibration: Calibration | null,
  make: (value: number) => Quantity,
): Range<Quantity> {
  if (calibration === null || low <= 0) return { low, expected, high };
  const center = expected * calibration.factor;
  return {
    low: make(center / Math.exp(reach(Math.log(expected / low), calibration))),
    expected: make(center),
    high: make(center * Math.exp(reach(Math.log(high / expected), calibration))),
  };
}

/** Half-width of a range on one side, as a log ratio. @source as for the file, predictive distribution */
function reach(ownReach: number, { runs, meanLog, squaresLog, heldOutLog }: Calibration): number {
  const { runsOfMean, runsOfSpread } = prior;
  const ownSpread = ownReach / normal95; // low and high bound 90 % of outcomes
  const freedom = runsOfSpread + runs;
  const between = ((runsOfMean * runs) / (runsOfMean + runs)) * meanLog ** 2;
  const variance = (runsOfSpread * ownSpread ** 2 + squaresLog + between) / freedom;
  const predicted = studentQuantile(0.95, freedom) * Math.sqrt(variance * (1 + 1 / (runsOfMean + runs)));
  // with a single run, the held-out run is predicted from the prior alone
  return runs > 1 ? Math.max(predicted, heldOutLog) : predicted;
}

/** Leave-one-out prediction: the 90th percentile of the absolute errors. */
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
