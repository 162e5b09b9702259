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

/** Share of the rows of each source that a range must hold. */
export const wantedShare = 0.9;

/** Whether a row lies inside. */
export function isInside({ below, above }: Reach, { low, high }: Factors): boolean {
  return below >= low && above <= high;
}

/** Share of rows inside. */
export function shareInside(rows: readonly Reach[], factors: Factors): number {
  return rows.filter((row) => isInside(row, factors)).length / rows.length;
}

/** The narrowest range around the estimate that holds a share of the rows, by the ratio of its bounds. */
export function narrowest(rows: readonly Reach[], share: number = wantedShare): Factors {
  const lows = [1, ...rows.map(({ below }) => below)].filter((value) => value <= 1);
  const highs = [1, ...rows.map(({ above }) => above)].filter((value) => value >= 1);
  let best: Factors = { low: Math.min(...lows), high: Math.max(...highs) };
  for (const low of lows) {
    for (const high of highs) {
      const isEnough = shareInside(rows, { low, high }) >= share;
      if (isEnough && high / low < best.high / best.low) best = { low, high };
    }
  }
  return best;
}

/**
 * The range that holds the wanted share of the rows of each source.
 *
 * A new source is one more draw of sources: of n it exceeds the worst with a chance of one in n + 1.
 *
 * @source Barber et al. 2021, "Predictive inference with the jackknife+"; whole sources are left out, since rows of one
 *   source are wrong together
 */
export function rangeOver(sources: readonly Source[]): Factors {
  const each = sources.map(({ rows }) => narrowest(rows));
  return {
    low: Math.min(1, ...each.map(({ low }) => low)),
    high: Math.max(1, ...each.map(({ high }) => high)),
  };
}

/** Each source with the range that the others give, and the share of its rows inside. */
export function leftOut(sources: readonly Source[]): {
  readonly source: Source;
  readonly range: Factors;
  readonly inside: number;
}[] {
  return sources.map((source) => {
    const range = rangeOver(sources.filter((other) => other !== source));
    return { source, range, inside: shareInside(source.rows, range) };
  });
}

/** Middle value. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
