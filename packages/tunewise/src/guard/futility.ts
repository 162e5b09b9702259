/** @file The futility guard: the probability of beating a target, from the curve of the validation loss. */
import { normalCdf } from "@tunewise/core/math";
import type { Evidence } from "./act.ts";
import { forecastFall, type LossPoint } from "./forecast.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** Input of the futility guard. */
export interface FutilityState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Cumulative sum of the learning rates after each step, in any unit, from 0 steps to all of them. */
  readonly rateAreas: readonly number[];
  readonly warmupSteps: number;
  /** The target to beat, or `null`. */
  readonly target: LossToBeat | null;
}

/** A validation loss to beat. */
export interface LossToBeat {
  readonly loss: number;
  /** Text that names the source of the loss. */
  readonly of: string;
  /** How that run reached it, in steps of the current run; empty if unknown. */
  readonly curve: readonly LossPoint[];
}

/** A run is futile below this probability. @source gates reference, section 3 */
const minProbability = 0.05;
/** Standard errors on either side that contain 90 % of outcomes. */
const edge = 1.6449;
/** No run is checked before this share of its steps. */
const graceShare = 0.15;
/**
 * The loss has turned if this many consecutive evaluations exceed its minimum by this share. Two are enough if the
 * overfitting guard would rate the rise as more than a hint; three are enough if the rise exceeds the variation of
 * repeated evaluations.
 */
const turns = [
  { evaluations: 2, share: 0.05 },
  { evaluations: 3, share: 0.02 },
] as const;
/** ... and if the training loss is at most this share of it at each of them, so that one outlier does not count. */
const gapShare = 0.7;
/** A run is on par if its loss is within this share of the other run's loss at the same step. */
const onParShare = 0.14;

/**
 * Reports a run whose lowest loss is above the target, if one of two conditions holds. Either the loss has turned for
 * good; or the probability of beating the target by the last step is below 5 % and the run to beat was ahead at this
 * step. A run that is on par is not reported, because that curve has already led to the target once.
 */
export function checkFutility({
  evaluations,
  rateAreas,
  warmupSteps,
  target,
}: FutilityState): Evidence | null {
  const steps = rateAreas.length - 1;
  const measured = evaluations.filter(({ validationLoss }) => Number.isFinite(validationLoss));
  const last = measured.at(-1);
  if (target === null || !last || last.step < graceShare * steps || last.step >= steps) return null;
  const best = measured.reduce((lowest, evaluation) =>
    evaluation.validationLoss < lowest.validationLoss ? evaluation : lowest,
  );
  if (best.validationLoss <= target.loss) return null;
  const aim = `${target.loss.toPrecision(4)} (${target.of})`;
  const settled = measured.filter(({ step }) => step > warmupSteps);
  const forecast = (): string | null =>
    isOnPar(best.validationLoss, target.curve, last.step)
      ? null
      : outOfReachEvidence(settled, best.validationLoss, rateAreas, target.loss, aim);
  const sentence = memorizedEvidence(measured, best, aim) ?? forecast();
  return sentence === null ? null : { guard: "futility", sentence, since: last.step, isHint: false };
}

/** Evidence that the training rows are memorized before the target is reached, or `null`. */
function memorizedEvidence(
  measured: readonly EvaluationPoint[],
  best: EvaluationPoint,
  aim: string,
): string | null {
  const last = measured.at(-1) ?? best;
  const hasTurned = turns.some((turn) => {
    // fails if the minimum is among these evaluations, because it does not exceed itself
    return measured
      .slice(-turn.evaluations)
      .every(
        ({ validationLoss, trainLoss }) =>
          validationLoss > (1 + turn.share) * best.validationLoss &&
          trainLoss < best.trainLoss &&
          trainLoss <= gapShare * validationLoss,
      );
  });
  if (!hasTurned) return null;
  return (
    `the validation loss was lowest at step ${best.step} (${best.validationLoss.toPrecision(4)}), above ` +
    `${aim}, and has risen to ${last.validationLoss.toPrecision(4)} since, while the training loss fell to ` +
    `${last.trainLoss.toPrecision(4)}: the model memorizes the training rows.`
  );
}

/** Whether the run to beat was not ahead at the same step. */
function isOnPar(lowest: number, curve: readonly LossPoint[], last: number): boolean {
  let lowestThere = Number.POSITIVE_INFINITY;
  for (const { step, loss } of curve) if (step <= last && loss < lowestThere) lowestThere = loss;
  return Number.isFinite(lowestThere) && lowest <= (1 + onParShare) * lowestThere;
}

/**
 * Evidence that the remaining learning rate is too small to reach the target, or `null`.
 *
 * @source probability under a normal distribution
 */
function outOfReachEvidence(
  measured: readonly EvaluationPoint[],
  lowest: number,
  rateAreas: readonly number[],
  target: number,
  aim: string,
): string | null {
  const points = measured.map(({ step, validationLoss: loss }) => ({ step, loss }));
  const forecast = forecastFall(points, rateAreas);
  const now = measured.at(-1);
  if (forecast === null || !now) return null;
  const { fall, error } = forecast;
  const chance = normalCdf((fall - Math.log(lowest / target)) / error);
  if (chance >= minProbability) return null;
  const end = (errors: number): string =>
    (lowest * Math.exp(-Math.max(0, fall + errors * error))).toPrecision(4);
  return (
    `the validation loss is ${now.validationLoss.toPrecision(4)} at step ${now.step}, and its lowest will be near ` +
    `${end(0)} (${end(edge)} to ${end(-edge)}), if it falls with the remaining learning rate as in the last ` +
    `${forecast.evaluations} evaluations. The probability of falling below ${aim} is ${(100 * chance).toFixed(1)} %.`
  );
}
