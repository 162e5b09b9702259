/**
 * @file Rungs as slices of the rows: a trial's settings on a share of them, trained to its end, and what came of it in
 * shares of all rows.
 *
 * Slices are nested, since each holds the first rows of one seeded shuffle.
 */
import type { Recipe } from "../../recipe/index.ts";
import type { SearchPoint } from "../../search/index.ts";
import type { LeftOpen } from "./space.ts";
import type { StretchResult } from "./train-stretch.ts";

/** The key that a slice turns; a space may not turn it too. */
const rowsKey = "data.rows.train";
const stepsKey = "training.steps";

/** The share of the rows that a rung stands for; `undefined`: all of them, or rungs are shares of the steps. */
export function sliceOf({ search }: Pick<Recipe, "search">, to: number): number | undefined {
  return search.fidelity === "rows" && to < 1 ? to : undefined;
}

/** A point on a share of the rows. Where steps are given, and no epochs, they are cut by the same share. */
export function slicedPoint(
  point: SearchPoint,
  share: number,
  { training }: Pick<Recipe, "training">,
  { trainRows }: LeftOpen,
): SearchPoint {
  const cut = (whole: number): number => Math.max(1, Math.round(share * whole));
  const steps = (point[stepsKey] as number | undefined) ?? training.steps;
  return {
    ...{ ...point, [rowsKey]: cut(trainRows) },
    ...(steps === null ? {} : { [stepsKey]: cut(steps) }),
  };
}

/** The result of a whole training on a slice as one of its rung. Losses on the way are of other trainings: left out. */
export function ofSlice(result: StretchResult, to: number): StretchResult {
  return { ...result, to, at: result.status === "reached" ? to : result.at * to, curve: [] };
}
