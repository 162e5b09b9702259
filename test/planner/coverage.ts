/** @file How wide ranges must be to cover rows of sources that were not used to derive them. */
import { mean } from "@tunewise/core/math";

/** A measured value relative to the low and to the high end of its estimate. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

/** A source and its rows. */
export interface Source {
  readonly name: string;
  readonly rows: readonly Reach[];
}

/** Bounds relative to the low and to the high end of an estimate. */
export interface Factors {
  readonly low: number;
  readonly high: number;
}

/** The share of a left-out source's rows that a range derived from the others must cover. */
export const nominalCoverage = 0.9;

/**
 * The share of known rows that a range must cover so that it covers nine in ten rows of an unknown source. It is higher
 * because errors within a source are correlated and few sources do not show every kind of error.
 */
export const heldShare = { memory: 0.95, speed: 0.96 } as const;

/** Whether a row is inside the range. */
export function isInside({ below, above }: Reach, { low, high }: Factors): boolean {
  return below >= low && above <= high;
}

/** Share of rows inside the range. */
export function shareInside(rows: readonly Reach[], factors: Factors): number {
  return rows.filter((row) => isInside(row, factors)).length / rows.length;
}

/**
 * The narrowest range around the estimate (by the ratio of its bounds) that covers a share of the rows. Each source has
 * the same weight, regardless of its number of rows.
 *
 * @source Dunn, Wasserman and Ramdas 2023, "Distribution-free prediction sets for two-layer hierarchical models", JASA
 *   118(544): pooled distribution functions of the groups
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

/** Mean over sources of their share of rows inside the range. */
export function meanShare(sources: readonly Source[], factors: Factors): number {
  return mean(sources.map(({ rows }) => shareInside(rows, factors)));
}

/** Each source with the range derived from the others; the share may also be derived from the others. */
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
 * The minimum share, in hundredths, at which ranges derived from the other sources cover on average nine in ten rows of
 * a left-out source. It uses only the given sources.
 */
export function neededShare(sources: readonly Source[]): number {
  for (let hundredths = 100 * nominalCoverage - 10; hundredths < 100; hundredths += 1) {
    const held = leftOut(sources, hundredths / 100).map(({ source, range }) =>
      shareInside(source.rows, range),
    );
    if (mean(held) >= nominalCoverage - 1e-9) return hundredths / 100;
  }
  return 1;
}

/** Upper median. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
