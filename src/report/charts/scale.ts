/** @file Chart axes: round tick values, and a mapping from values to coordinates. */

/** A linear axis from values to coordinates. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Rounded to a tenth of a drawing unit. */
  place(value: number): number;
}

/**
 * An axis that starts and ends at a tick.
 *
 * @param from coordinate of the lowest tick, `to` of the highest
 * @param count approximate number of intervals
 */
export function roundScale(low: number, high: number, from: number, to: number, count: number): Scale {
  const step = roundStep((high - low || Math.abs(high) || 1) / count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  const span = (last - first) * step;
  const place = (value: number): number =>
    Math.round(10 * (from + ((value - first * step) / span) * (to - from))) / 10;
  return { ticks, place };
}

/** An axis that spans exactly its values, with round ticks in between. */
export function exactScale(low: number, high: number, from: number, to: number, count: number): Scale {
  const span = high - low || 1;
  const step = Math.max(1, roundStep(span / count));
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tidy(tick));
  const place = (value: number): number =>
    Math.round(10 * (from + ((value - low) / span) * (to - from))) / 10;
  return { ticks, place };
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Removes floating-point noise. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
