/** @file The overfitting guard: the validation loss rises beyond its noise while the training loss falls. */
import { fitLine, mean, studentQuantile } from "@tunewise/core/math";
import type { Evidence } from "./act.ts";

/** One evaluation on the validation rows, with the training loss around it. */
export interface EvaluationPoint {
  readonly step: number;
  /** Mean loss per labelled token over the validation rows, in nats. */
  readonly validationLoss: number;
  /** Mean training loss since the previous evaluation, in nats; NaN if it is not comparable with validation losses. */
  readonly trainLoss: number;
}

/** Input of the overfitting guard. */
export interface OverfittingState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Number of consecutive evaluations above the best one before the guard reports; at least 2. */
  readonly patience: number;
}

/** A rise below this share of the best loss has no practical significance, even if it is certain. */
const riseShare = 0.005;
/** A rise below this share causes a warning but no stop, because the remaining steps may still reverse it. */
const stopShare = 0.05;

/**
 * Checks the validation curve after an evaluation.
 *
 * Reports overfitting if at least `patience` evaluations followed the best one, the line through them rises beyond
 * its own noise, and the training loss fell meanwhile. If both rise, that is divergence, which another guard
 * detects. The noise is estimated from the scatter around that line, so the steep fall at the start of a run cannot
 * hide it. Under pure noise, about 1 in 20 runs with 20 evaluations gets a false warning (see the test). With
 * few evaluations the guard reports later, but not more often falsely.
 *
 * @returns evidence that names the best step and both losses, or `null`
 */
export function checkOverfitting(state: OverfittingState): Evidence | null {
  const points = state.evaluations.filter((point) => Number.isFinite(point.validationLoss));
  const patience = Math.max(2, Math.floor(state.patience));
  const best = lowest(points);
  if (!best) return null;
  const sinceBest = points.slice(points.indexOf(best));
  if (sinceBest.length < patience + 1) return null;
  const last = sinceBest.slice(-patience);
  const rise = mean(last.map((point) => point.validationLoss)) - best.validationLoss;
  const trainFell = mean(last.map((point) => point.trainLoss)) < best.trainLoss;
  if (rise < riseShare * best.validationLoss || !trainFell) return null;
  if (!risesBeyondNoise(sinceBest.map((point) => point.validationLoss))) return null;
  const isHint = rise < stopShare * best.validationLoss;
  return { guard: "overfitting", sentence: sentence(best, last), since: best.step + 1, isHint };
}

/**
 * Whether the least-squares line through evenly spaced values rises, by a one-sided Student's t-test at 0.1 %.
 *
 * @param values at least three; fewer never rise
 * @source t = slope / sqrt(SSE / (n - 2) / Sxx): Draper and Smith, Applied Regression Analysis, 3rd
 * edition, section 1.4
 */
export function risesBeyondNoise(values: readonly number[]): boolean {
  const { slope, slopeError } = fitLine([...values.keys()], values);
  return slope > studentQuantile(0.999, values.length - 2) * slopeError;
}

function lowest(points: readonly EvaluationPoint[]): EvaluationPoint | undefined {
  let best = points[0];
  for (const point of points) if (best && point.validationLoss < best.validationLoss) best = point;
  return best;
}

function sentence(best: EvaluationPoint, last: readonly EvaluationPoint[]): string {
  const now = last.at(-1) ?? best;
  const lowest = `${best.validationLoss.toPrecision(4)} at step ${best.step}`;
  const highest = `${now.validationLoss.toPrecision(4)} at step ${now.step}`;
  const training = `${best.trainLoss.toPrecision(4)} to ${now.trainLoss.toPrecision(4)}`;
  return (
    `the validation loss rose from ${lowest} to ${highest} while the training loss fell from ${training}: ` +
    `the model memorizes the training rows. The best result so far is step ${best.step}.`
  );
}
