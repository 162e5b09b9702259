/**
 * @file The plateau guard: a validation loss that has stopped falling, long before the end.
 */
import type { Evidence } from "./act.ts";
import type { EvaluationPoint } from "./overfitting.ts";

/** All that the guard looks at. */
export interface PlateauState {
  /** Oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  readonly steps: number;
}

/** So many looks, and this share of all so far, without a gain ... */
const [looksLeast, looksShare] = [5, 1 / 3];
/** ... of more than this share of the loss. */
const gainShare = 0.005;
/** Later than this there is little left to save. */
const lastShare = 0.8;

/** Speaks where the last third of the looks, at least five, brought no more than half a percent. */
export function checkPlateau({ evaluations, steps }: PlateauState): Evidence | null {
  const points = evaluations.filter((point) => Number.isFinite(point.validationLoss));
  const last = points.at(-1);
  const count = Math.max(looksLeast, Math.ceil(looksShare * points.length));
  if (!last || last.step > lastShare * steps) return null;
  // the lowest of none is infinite, so that whatever comes first is a gain
  const lowest = (list: readonly EvaluationPoint[]): number =>
    list.reduce((least, point) => Math.min(least, point.validationLoss), Number.POSITIVE_INFINITY);
  const [before, after] = [lowest(points.slice(0, -count)), lowest(points.slice(-count))];
  if (after < (1 - gainShare) * before) return null;
  const from = points.at(-count - 1) ?? last;
  const sentence =
    `the validation loss has not fallen for ${count} looks: ${before.toPrecision(4)} was the lowest by step ` +
    `${from.step}, ${after.toPrecision(4)} is the lowest since. A falling learning rate may still bring a little.`;
  return { guard: "plateau", sentence, since: from.step, isHint: false };
}
