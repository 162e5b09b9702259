/**
 * @file Axes: round tick values, and places on the drawing for values.
 */

/** A straight axis from values to places. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Rounded to a tenth of a unit of the drawing. */
  place(value: number): number;
}

/**
 * An axis that starts and ends at a tick.
 *
 * @param from place of the lowest tick, `to` of the highest
 * @param count about so many steps between ticks
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

/** An axis that starts and ends with its values, ticks at round ones in between. */
export function exactScale(low: number, high: number, from: number, to: number, count: number): Scale {
  const span = high - low || 1;
  const step = Math.max(1, roundStep(span / count));
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tidy(tick));
  const place = (value: number): number =>
    Math.round(10 * (from + ((value - low) / span) * (to - from))) / 10;
  return { ticks, place };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Without the dust of binary fractions. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
