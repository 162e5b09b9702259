/** @file How far ranges must reach to hold the rows of sources that they were not made from. */

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

/**
 * Share of the rows of known sources that a range must hold, so that it holds nine in ten rows of an unknown one: rows
 * of a source are wrong together, and few sources show less than all ways of being wrong.
 */
export const heldShare = 0.96;

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
export function rangeOver(sources: readonly Source[], share: number = heldShare): Factors {
  const rows = sources.flatMap((source) => source.rows);
  const lows = [1, ...rows.map(({ below }) => below)].filter((value) => value <= 1);
  const highs = [1, ...rows.map(({ above }) => above)].filter((value) => value >= 1);
  let best: Factors = { low: Math.min(...lows), high: Math.max(...highs) };
  for (const low of lows) {
    for (const high of highs) {
      if (high / low >= best.high / best.low) continue;
      if (meanShare(sources, { low, high }) >= share - 1e-9) best = { low, high };
    }
  }
  return best;
}

/** Mean over sources of the share of their rows inside. */
export function meanShare(sources: readonly Source[], factors: Factors): number {
  return sources.reduce((sum, { rows }) => sum + shareInside(rows, factors), 0) / sources.length;
}

/** Each source with the range that the others give. */
export function leftOut(sources: readonly Source[]): {
  readonly source: Source;
  readonly range: Factors;
}[] {
  return sources.map((source) => ({
    source,
    range: rangeOver(sources.filter((other) => other !== source)),
  }));
}

/** Middle value. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
