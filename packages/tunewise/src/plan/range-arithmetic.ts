/**
 * @file Arithmetic on ranges: lows with lows, highs with highs.
 *
 * This assumes perfectly correlated uncertainties, which is conservative: the true bounds are narrower. Independent
 * uncertainties add in quadrature (`sumOfIndependent`, `widened`).
 */
import { type Range, range } from "@tunewise/core/quantity";

/** A range without a unit. */
export type Factor = Range<number>;

/** A known number as a range. */
export function certain(value: number): Factor {
  return range(value, value, value);
}

/** Applies an increasing function to each point of a range. */
export function mapRange(source: Factor, change: (value: number) => number): Factor {
  return range(change(source.low), change(source.expected), change(source.high));
}

/** Adds a unit to a range. */
export function rangeOf<Quantity extends number>(
  source: Factor,
  make: (value: number) => Quantity,
): Range<Quantity> {
  return range(make(source.low), make(source.expected), make(source.high));
}

/** Sum of any number of ranges. */
export function sumRanges(parts: readonly Factor[]): Factor {
  const add = (pick: (part: Factor) => number): number => parts.reduce((sum, part) => sum + pick(part), 0);
  return range(
    add((part) => part.low),
    add((part) => part.expected),
    add((part) => part.high),
  );
}

/** Product of two non-negative ranges. */
export function times(a: Factor, b: Factor): Factor {
  return range(a.low * b.low, a.expected * b.expected, a.high * b.high);
}

/** Quotient of amount and speed: the lowest speed yields the upper bound. */
export function dividedBy(amount: Factor, speed: Factor): Factor {
  return range(amount.low / speed.high, amount.expected / speed.expected, amount.high / speed.low);
}

/** The larger of two ranges, point by point. */
export function largerOf(a: Factor, b: Factor): Factor {
  return range(Math.max(a.low, b.low), Math.max(a.expected, b.expected), Math.max(a.high, b.high));
}

/**
 * Sum of ranges with independent uncertainties: deviations add in quadrature, separately on each side.
 *
 * @source JCGM 100:2008, "Guide to the expression of uncertainty in measurement", section 5.1: uncorrelated input
 *   quantities
 */
export function sumOfIndependent(parts: readonly Factor[]): Factor {
  const expected = parts.reduce((sum, part) => sum + part.expected, 0);
  return range(
    expected - Math.hypot(...parts.map((part) => part.expected - part.low)),
    expected,
    expected + Math.hypot(...parts.map((part) => part.high - part.expected)),
  );
}

/** A range multiplied by an independent uncertain factor. */
export function widened(given: Factor, off: { readonly low: number; readonly high: number }): Factor {
  const { expected } = given;
  return sumOfIndependent([given, range((off.low - 1) * expected, 0, (off.high - 1) * expected)]);
}
