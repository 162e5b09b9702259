/** @file Values with uncertainty: low, expected and high. */

/** Three points of a distribution; `low` and `high` bound 90 % of outcomes unless stated otherwise. */
export interface Range<Quantity extends number> {
  readonly low: Quantity;
  readonly expected: Quantity;
  readonly high: Quantity;
}

/**
 * Creates a range.
 *
 * @throws {RangeError} if the points are not in ascending order
 * @example
 * import { range } from "tunewise/search";
 *
 * console.log(range(2, 3, 5).high); // 5
 */
export function range<Quantity extends number>(
  low: Quantity,
  expected: Quantity,
  high: Quantity,
): Range<Quantity> {
  if (!(low <= expected && expected <= high)) {
    throw new RangeError(`Internal: a range must rise, got ${low}, ${expected}, ${high}`);
  }
  return { low, expected, high };
}
