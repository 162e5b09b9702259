/** @file Fits a straight line to points. */
import { mean } from "./summary.ts";

/** A least-squares line. */
export interface Line {
  readonly slope: number;
  /** Standard error of the slope. */
  readonly slopeError: number;
  /** Standard deviation of the residuals. */
  readonly scatter: number;
}

/**
 * Fits a line to at least three points; the slope is 0 if all have the same x.
 *
 * @source slope and its standard error: Draper and Smith, Applied Regression Analysis, 3rd edition, section 1.4
 */
export function fitLine(places: readonly number[], values: readonly number[]): Line {
  const [middle, level] = [mean(places), mean(values)];
  let [spread, shared] = [0, 0];
  for (const [at, place] of places.entries()) {
    spread += (place - middle) ** 2;
    shared += (place - middle) * ((values[at] as number) - level);
  }
  const slope = spread > 0 ? shared / spread : 0;
  const squares = places.reduce(
    (sum, place, at) => sum + ((values[at] as number) - level - slope * (place - middle)) ** 2,
    0,
  );
  const scatter = Math.sqrt(squares / (places.length - 2));
  return { slope, slopeError: spread > 0 ? scatter / Math.sqrt(spread) : 0, scatter };
}
