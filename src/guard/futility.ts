/**
 * @file The guard of doomed runs: the chance to beat what is to be beaten, from the course of the validation loss.
 */
import { normalCdf } from "../math/index.ts";
import type { Evidence } from "./act.ts";
import { foreseeFall, type LossPoint } from "./forecast.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** All that the guard looks at. */
export interface FutilityState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  /** Sum of the learning rates of the first so many steps, in any unit, from 0 steps to all of them. */
  readonly rateAreas: readonly number[];
  readonly warmupSteps: number;
  /** What is to be beaten; `null`: nothing is. */
  readonly target: LossToBeat | null;
}

/** A validation loss to come below. */
export interface LossToBeat {
  readonly loss: number;
  /** Whose it is, in words. */
  readonly of: string;
  /** How that run came to it, by steps of the run that is judged; empty: nobody knows. */
  readonly course: readonly LossPoint[];
}

/** Chance below which a run is doomed. @source gates reference, section 3 */
const chanceLeast = 0.05;
/** Errors on either side that hold nine of ten ends. */
const edge = 1.6449;
/** Share of all steps before which nobody is judged. */
const judgedShare = 0.15;
/**
 * The loss has turned where so many looks in a row lie above its lowest by this share: two where the rise is one that
 * the overfitting guard would not call a hint, three where it is beyond what a look repeats.
 */
const turns = [
  { looks: 2, share: 0.05 },
  { looks: 3, share: 0.02 },
] as const;
/** ... and training rows are below this share of it at each of them: one wild look makes no gap. */
const gapShare = 0.7;
/** A run whose lowest loss is within this share of what the other run had after as many steps is as far as that one. */
const abreastShare = 0.14;

/**
 * Speaks where the lowest loss so far is above the target and the loss has turned for good, or where the chance
 * that it comes below the target by the last step is less than 5 % and the run to be beaten was further at this point:
 * a course that has led to the target once can do so again, whatever a line foresees.
 */
export function checkFutility({
  evaluations,
  rateAreas,
  warmupSteps,
  target,
}: FutilityState): Evidence | null {
  const steps = rateAreas.length - 1;
  const looks = evaluations.filter(({ validationLoss }) => Number.isFinite(validationLoss));
  const last = looks.at(-1);
  if (target === null || !last || last.step < judgedShare * steps || last.step >= steps) return null;
  const best = looks.reduce((lowest, look) => (look.validationLoss < lowest.validationLoss ? look : lowest));
  if (best.validationLoss <= target.loss) return null;
  const aim = `${target.loss.toPrecision(4)} (${target.of})`;
  const settled = looks.filter(({ step }) => step > warmupSteps);
  const forecast = (): string | null =>
    isAbreast(best.validationLoss, target.course, last.step)
      ? null
      : foreseen(settled, best.validationLoss, rateAreas, target.loss, aim);
  const sentence = turned(looks, best, aim) ?? forecast();
  return sentence === null ? null : { guard: "doomed", sentence, since: last.step, isHint: false };
}

/** What is said where training rows are learned by heart before the target is reached; `null`: they are not. */
function turned(looks: readonly EvaluationPoint[], best: EvaluationPoint, aim: string): string | null {
  const last = looks.at(-1) ?? best;
  const hasTurned = turns.some((turn) => {
    // where the lowest is among them, they are too few: it does not lie above itself
    return looks
      .slice(-turn.looks)
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
    `${last.trainLoss.toPrecision(4)}: the rows are learned by heart.`
  );
}

/** Whether the run to be beaten was no further after as many steps. */
function isAbreast(lowest: number, course: readonly LossPoint[], last: number): boolean {
  let least = Number.POSITIVE_INFINITY;
  for (const { step, loss } of course) if (step <= last && loss < least) least = loss;
  return Number.isFinite(least) && lowest <= (1 + abreastShare) * least;
}

/**
 * What is said where the target is out of reach of the learning rate that is left; `null`: it may be reached.
 *
 * @source chance of a normal number
 */
function foreseen(
  looks: readonly EvaluationPoint[],
  lowest: number,
  rateAreas: readonly number[],
  target: number,
  aim: string,
): string | null {
  const points = looks.map(({ step, validationLoss: loss }) => ({ step, loss }));
  const forecast = foreseeFall(points, rateAreas);
  const now = looks.at(-1);
  if (forecast === null || !now) return null;
  const { fall, error } = forecast;
  const chance = normalCdf((fall - Math.log(lowest / target)) / error);
  if (chance >= chanceLeast) return null;
  const end = (errors: number): string =>
    (lowest * Math.exp(-Math.max(0, fall + errors * error))).toPrecision(4);
  return (
    `the validation loss is ${now.validationLoss.toPrecision(4)} at step ${now.step}, and its lowest will be near ` +
    `${end(0)} (${end(edge)} to ${end(-edge)}), if it falls with the learning rate that is left as in the last ` +
    `${forecast.looks} looks. The chance to come below ${aim} is ${(100 * chance).toFixed(1)} %.`
  );
}
