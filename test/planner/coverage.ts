/** @file How far ranges must reach to hold the rows of sources that they were not made from. */
import { mean } from "@tunewise/core/math";

/** A measured value in units of the least and the most that was expected of it. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

/** Rows of one source. */
export interface Source {
  readonly name: string;
  readonly rows: readonly Reach[];
}

/** Bounds in units of the least and the most expected. */
export interface Factors {
  readonly low: number;
  readonly high: number;
}

/** Share of the rows of a source left out that a range made from the others is to hold. */
export const askedShare = 0.9;

/**
 * Shares of the rows of known sources that a range must hold, so that it holds nine in ten rows of an unknown one: rows
 * of a source are wrong together, and few sources show less than all ways of being wrong.
 */
export const heldShare = { memory: 0.95, speed: 0.96 } as const;

/** Whether a row lies inside. */
export function isInside({ below, above }: Reach, { low, high }: Factors): boolean {
  return below >= low && above <= high;
}

/** Share of rows inside. */
export function shareInside(rows: readonly Reach[], factors: Factors): number {
  return rows.filter((row) => isInside(row, factors)).length / rows.length;
}

/**
 * The narrowest range around the estimate that holds a share of the rows, by the ratio of its bounds; each source has
 * the same weight, however many rows it has.
 *
 * @source Dunn, Wasserman and Ramdas 2023, "Distribution-free prediction sets for two-layer hierarchical models",
 *   JASA 118(544): pooled distribution functions of the groups
 */
export function rangeOver(sources: readonly Source[], share: number): Factors {
  const rows = sources
    .flatMap(({ rows }) => rows.map((row) => ({ row, weight: 1 / rows.length / sources.length })))
    .sort((a, b) => a.row.above - b.row.above);
  let best: Factors = { low: 0, high: Number.POSITIVE_INFINITY };
  for (const low of [1, ...rows.map(({ row }) => row.below)]) {
    let held = 0;
    const last = rows.find(({ row, weight }) => {
      held += row.below >= low ? weight : 0;
      return held >= share - 1e-9;
    });
    const high = Math.max(1, last?.row.above ?? Number.POSITIVE_INFINITY);
    if (low <= 1 && high / low < best.high / best.low) best = { low, high };
  }
  return best;
}

/** Mean over sources of the share of their rows inside. */
export function meanShare(sources: readonly Source[], factors: Factors): number {
  return mean(sources.map(({ rows }) => shareInside(rows, factors)));
}

/** Each source with the range that the others give; a share may be chosen by those others. */
export function leftOut(
  sources: readonly Source[],
  share: number | ((others: readonly Source[]) => number),
): {
  readonly source: Source;
  readonly range: Factors;
}[] {
  return sources.map((source) => {
    const others = sources.filter((other) => other !== source);
    return { source, range: rangeOver(others, typeof share === "number" ? share : share(others)) };
  });
}

/**
 * The least share, in hundredths, with which a range of the other sources holds nine in ten rows of each left out, in
 * the mean over these. All of it is known before any other source is.
 */
export function neededShare(sources: readonly Source[]): number {
  for (let hundredths = 100 * askedShare - 10; hundredths < 100; hundredths += 1) {
    const held = leftOut(sources, hundredths / 100).map(({ source, range }) =>
      shareInside(source.rows, range),
    );
    if (mean(held) >= askedShare - 1e-9) return hundredths / 100;
  }
  return 1;
}

/** Middle value. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
