/** @file Distance between points in units of noise: below 1, results differ only by chance. */
import type { Axis } from "./axis.ts";

/**
 * The largest distance over all hyperparameters, each in units of its own noise.
 *
 * One hyperparameter that differs by more than noise makes two points differ, however similar the others are. Two
 * values of a set, integers or choices, are at least 1 apart if each cell is wider than the noise.
 *
 * @param a and `b`: points in the unit cube, one number per axis
 * @returns 0 for the same point; infinite if values of a set differ
 */
export function pointDistance(axes: readonly Axis[], a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (const [at, axis] of axes.entries()) {
    const gap = Math.abs((a[at] ?? 0) - (b[at] ?? 0));
    if (gap === 0) continue;
    const distance = axis.shape === "set" ? Number.POSITIVE_INFINITY : gap / axis.noise;
    largest = Math.max(largest, distance);
  }
  return largest;
}

/** Whether a point lies within the noise of one that was tried. */
export function isNearAny(
  axes: readonly Axis[],
  place: ArrayLike<number>,
  tried: readonly ArrayLike<number>[],
): boolean {
  return tried.some((other) => pointDistance(axes, place, other) < 1);
}
