/** @file Curves as received from the server, and smoothed for display. */
import type { Reply } from "./api.ts";

/** A curve of a run. */
export type Curve = Reply<"/api/tunewise/v1/runs/curves", "post">["curves"][number];

/**
 * An exponential moving average with bias correction, so that the first values are not drawn toward zero. Gaps stay
 * gaps.
 *
 * @param weight of the previous values, 0 to 0.99
 * @source TensorBoard's smoothing, debiased as Adam's moments are (Kingma and Ba 2015, algorithm 1)
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [sum, seen] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = sum * weight + (1 - weight) * value;
    seen++;
    return sum / (1 - weight ** seen);
  });
}
