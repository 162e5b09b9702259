/**
 * @file Sums and products of ranges: all lows together, all highs together.
 *
 * That takes all doubts for one and the same, which is the cautious side: the true bounds lie inside.
 */
import { type Range, range } from "../quantity/index.ts";

/** Three numbers without a unit. */
export type Factor = Range<number>;

/** A number that is known. */
export function certain(value: number): Factor {
  return range(value, value, value);
}

/** Applies a rising function to each point of a range. */
export function mapRange(source: Factor, change: (value: number) => number): Factor {
  return range(change(source.low), change(source.expected), change(source.high));
}

/** A range of a unit from one without. */
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

/** Product of two ranges of numbers that are not negative. */
export function times(a: Factor, b: Factor): Factor {
  return range(a.low * b.low, a.expected * b.expected, a.high * b.high);
}

/** What is to do divided by how fast: slow speeds give the high end. */
export function dividedBy(amount: Factor, speed: Factor): Factor {
  return range(amount.low / speed.high, amount.expected / speed.expected, amount.high / speed.low);
}

/** The larger of two ranges, point by point. */
export function largerOf(a: Factor, b: Factor): Factor {
  return range(Math.max(a.low, b.low), Math.max(a.expected, b.expected), Math.max(a.high, b.high));
}
