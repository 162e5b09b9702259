/**
 * @file The guard of doomed runs: the chance to beat what is to be beaten, from the course of the validation loss.
 */
import type { Evidence } from "./act.ts";
import { drawForecasts, randomFrom, scatterOf } from "./forecast.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** All that the guard looks at. */
export interface DoomedState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  readonly steps: number;
  readonly warmupSteps: number;
  /** Validation loss to come below, and whose it is; `null`: there is nothing to beat. */
  readonly target: { readonly loss: number; readonly of: string } | null;
}

/** Chance below which a run is doomed. @source gates reference, section 3 */
const chanceLeast = 0.05;
/** Looks after the warm-up that a forecast takes, and share of all steps before which nobody is judged. */
const [looksLeast, judgedShare] = [4, 0.15];
const draws = 200;
/** The same looks give the same verdict. */
const seed = 17;
/**
 * What a forecast is wrong by, beside the scatter of its points: shares of what the loss has still to fall, and of the
 * lowest loss so far. Curves bend in ways that no law foresees, and most when the learning rate goes to zero.
 *
 * @source chosen on recorded runs: bench/guards/thresholds.mjs; see docs/guards.md
 */
const [aheadError, levelError] = [0.5, 0.08];
/** Looks that scatter about the law scatter at the end as well; a scatter beyond this share is no scatter. */
const scatterMost = 0.3;
/** The loss has turned where it was above its lowest by this share at so many looks in a row, ... */
const [turnedShare, turnedLooks] = [0.02, 3];
/** ... and training rows fell below this share of it meanwhile. */
const gapShare = 0.7;

/**
 * Speaks where the lowest loss so far is not below the target and the loss has turned for good, or where the chance
 * that it comes below the target by the last step is less than 5 %.
 */
export function judgeDoomed({ evaluations, steps, warmupSteps, target }: DoomedState): Evidence | null {
  const looks = evaluations.filter(
    ({ step, validationLoss }) => step > warmupSteps && Number.isFinite(validationLoss),
  );
  const last = looks.at(-1);
  if (target === null || !last || last.step < judgedShare * steps || last.step >= steps) return null;
  const best = looks.reduce(
    (lowest, look) => (look.validationLoss < lowest.validationLoss ? look : lowest),
    last,
  );
  if (best.validationLoss <= target.loss || looks.length < looksLeast) return null;
  const aim = `${target.loss.toPrecision(4)} (${target.of})`;
  const sentence = turned(looks, best, aim) ?? foreseen(looks, steps, target.loss, aim);
  return sentence === null ? null : { guard: "doomed", sentence, since: last.step, isHint: false };
}

/** What is said where training rows are learned by heart before the target is reached; `null`: they are not. */
function turned(looks: readonly EvaluationPoint[], best: EvaluationPoint, aim: string): string | null {
  const since = looks.slice(-turnedLooks);
  const last = since.at(-1);
  const hasTurned = since.every(
    ({ validationLoss }) => validationLoss > (1 + turnedShare) * best.validationLoss,
  );
  const hasFallen = since.every(({ trainLoss }) => trainLoss < best.trainLoss);
  if (!last || !hasTurned || !hasFallen || last.trainLoss > gapShare * last.validationLoss) return null;
  return (
    `the validation loss was lowest at step ${best.step} (${best.validationLoss.toPrecision(4)}), above ` +
    `${aim}, and has risen to ${last.validationLoss.toPrecision(4)} since, while the training loss fell to ` +
    `${last.trainLoss.toPrecision(4)}: the rows are learned by heart.`
  );
}

/**
 * What is said where the target is out of reach by a power law; `null`: it may be reached.
 *
 * @source independent errors add as squares
 */
function foreseen(
  looks: readonly EvaluationPoint[],
  steps: number,
  target: number,
  aim: string,
): string | null {
  const best = Math.min(...looks.map(({ validationLoss }) => validationLoss));
  const points = looks.map(({ step, validationLoss: loss }) => ({ step, loss }));
  const random = randomFrom(seed);
  const scatter = Math.min(scatterOf(points), scatterMost * best);
  const ends = drawForecasts(points, steps, draws, seed)
    .map((loss) => {
      const error = Math.hypot(aheadError * Math.max(0, best - loss), levelError * best, scatter);
      return Math.min(best, loss + error * normalFrom(random));
    })
    .sort((a, b) => a - b);
  const chance = ends.filter((loss) => loss < target).length / draws;
  if (chance >= chanceLeast) return null;
  const at = (share: number): string => Math.max(0, ends[Math.floor(share * draws)] ?? best).toPrecision(4);
  const now = looks.at(-1);
  return (
    `the validation loss is ${now?.validationLoss.toPrecision(4)} at step ${now?.step}, and its lowest will be near ` +
    `${at(0.5)} (${at(0.05)} to ${at(0.95)}), by a power law through ${points.length} looks. The chance to come ` +
    `below ${aim} is ${(100 * chance).toFixed(1)} %.`
  );
}

/** A standard normal number. @source Box and Muller 1958, Annals of Mathematical Statistics 29, 610-611 */
function normalFrom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
