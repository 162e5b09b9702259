/** @file The plateau guard: a validation loss that stopped falling long before the end (early stopping). */
import type { Evidence } from "./act.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** Input of the plateau guard. */
export interface PlateauState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  readonly steps: number;
}

/** A plateau is this many evaluations, and this share of all so far, without a gain ... */
const [minEvaluations, evaluationsShare] = [5, 1 / 3];
/** ... of more than this share of the loss. */
const gainShare = 0.005;
/** After this share of the steps, a stop would save little. */
const lastShare = 0.8;

/** Reports that the last third of the evaluations, at least five, gained no more than half a percent. */
export function checkPlateau({ evaluations, steps }: PlateauState): Evidence | null {
  const points = evaluations.filter((point) => Number.isFinite(point.validationLoss));
  const last = points.at(-1);
  const count = Math.max(minEvaluations, Math.ceil(evaluationsShare * points.length));
  if (!last || last.step > lastShare * steps) return null;
  // the minimum of an empty list is infinite, so the first evaluation always counts as a gain
  const lowest = (list: readonly EvaluationPoint[]): number =>
    list.reduce((lowest, point) => Math.min(lowest, point.validationLoss), Number.POSITIVE_INFINITY);
  const [before, after] = [lowest(points.slice(0, -count)), lowest(points.slice(-count))];
  if (after < (1 - gainShare) * before) return null;
  const from = points.at(-count - 1) ?? last;
  const sentence =
    `the validation loss has not fallen for ${count} evaluations: its minimum was ${before.toPrecision(4)} by step ` +
    `${from.step} and ${after.toPrecision(4)} since. A falling learning rate may still bring a small gain.`;
  return { guard: "plateau", sentence, since: from.step, isHint: false };
}
