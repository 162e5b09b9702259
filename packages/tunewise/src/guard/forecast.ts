/**
 * @file Forecasts how much further a validation loss will fall, from its curve and the remaining learning rate
 *   schedule.
 */
import { fitLine, normal95, studentQuantile } from "@tunewise/core/math";
/** A loss at a step. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** Remaining fall until the last step, as a difference of natural logarithms of the loss. */
export interface Forecast {
  /** At least 0: the best checkpoint counts, not the last one. */
  readonly fall: number;
  /** Standard deviation of the fall. */
  readonly error: number;
  /** Number of evaluations that the forecast is based on. */
  readonly evaluations: number;
}

/** Uses evaluations from the last two thirds of the rate area so far, and at least this many. */
const [windowShare, minEvaluations] = [1 / 3, 3];
/**
 * Forecast errors beyond the scatter of the points: a share of the fall, because curves may bend up or down, and a
 * share of the loss.
 *
 * @source chosen on recorded runs: bench/guards/thresholds.mjs; see docs/guards.md
 */
const [aheadError, levelError] = [0.25, 0.08];

/**
 * Forecasts a fall: the logarithm of the loss continues along a line over the logarithm of the *rate area*, the
 * cumulative sum of learning rates. Steps with a low rate move the weights less, so a cosine schedule has completed
 * 60 % of its area after 35 % of its steps.
 *
 * The error combines four parts: the error of the line's slope, the scatter of the points about the line, and the two
 * shares above. The first two are widened by Student's t, because few points estimate their scatter poorly. As the rate
 * goes to zero, the scatter that it caused vanishes, and the loss falls by as much. The scatter therefore counts again,
 * multiplied by the share of the rate that is still to be lost.
 *
 * @param points losses above 0, oldest first
 * @param areas cumulative sum of the learning rates after each step, in any unit, from 0 steps to all of them
 * @returns `null` for fewer than three points, or if the rate was 0 up to the first point
 * @source L = L0 + A S1^-a over the area S1 of the learning rate, and a loss that anneals with it: Tissue et al. 2024
 * (2408.11029); a line, because the floor L0 is not known yet; slope and residual error by least squares
 */
export function forecastFall(all: readonly LossPoint[], areas: readonly number[]): Forecast | null {
  const last = all.at(-1);
  const area = (step: number): number => areas[step] ?? 0;
  if (!last || all.length < minEvaluations || !(area(all[0]?.step ?? 0) > 0)) return null;
  const recent = all.filter(({ step }) => area(step) >= windowShare * area(last.step));
  const points = all.slice(-Math.max(minEvaluations, recent.length));
  const { slope, slopeError, scatter } = fitLine(
    points.map(({ step }) => Math.log(area(step))),
    points.map(({ loss }) => Math.log(loss)),
  );
  const steps = areas.length - 1;
  const ahead = Math.log(area(steps) / area(last.step));
  const fall = Math.max(0, -slope) * ahead;
  const rate = (step: number): number => area(step) - area(step - 1);
  const lost = rate(last.step) > 0 ? Math.max(0, 1 - rate(steps) / rate(last.step)) : 0;
  const wide = studentQuantile(0.95, points.length - 2) / normal95;
  const noise = wide * Math.hypot(ahead * slopeError, scatter, lost * scatter);
  return { fall, error: Math.hypot(aheadError * fall, levelError, noise), evaluations: points.length };
}
