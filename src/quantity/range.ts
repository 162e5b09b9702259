/**
 * @file A value with its doubt: low, expected and high.
 */

/** Three points of a distribution; `low` and `high` bound 90 % of outcomes unless the maker says otherwise. */
export interface Range<Quantity extends number> {
  readonly low: Quantity;
  readonly expected: Quantity;
  readonly high: Quantity;
}

/** A range; the three points must be in order. */
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
