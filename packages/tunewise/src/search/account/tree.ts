/** @file A regression tree over the unit cube, represented by its leaves: boxes with a value each. */
import type { Random } from "@tunewise/core/math";
import type { Axis } from "../space/axis.ts";

/** One side of a box: a range of a line, or some values of a set by index. */
export type Side = { readonly from: number; readonly to: number } | ReadonlySet<number>;

/** A box and the mean of the samples in it. */
export interface Leaf {
  readonly sides: readonly Side[];
  readonly value: number;
}

/** A result at a point. */
export interface Sample {
  readonly place: ArrayLike<number>;
  readonly value: number;
}

/** Minimum number of samples on either side of a split, and maximum depth of a tree. */
const leafSamples = 2;
const maxDepth = 10;
/** Share of the axes that a split may choose from, so that trees differ. */
const axesShare = 0.7;

/** A split with the samples on both sides and the remaining sum of squares. */
interface Split {
  readonly at: number;
  readonly sides: readonly [Side, Side];
  readonly parts: readonly [readonly Sample[], readonly Sample[]];
  readonly spread: number;
}

/**
 * Grows a tree.
 *
 * @source Breiman 2001, Random Forests, Machine Learning 45, 5-32; a split takes what leaves the least squared spread
 */
export function growTree(axes: readonly Axis[], samples: readonly Sample[], random: Random): Leaf[] {
  const whole = axes.map(
    (axis): Side =>
      axis.shape === "set" ? new Set(Array.from({ length: axis.count }, (_, at) => at)) : { from: 0, to: 1 },
  );
  return grow(axes, samples, whole, 0, random);
}

/** The index of a set's value at a position. */
export function cellOf(axis: Axis, place: number): number {
  return Math.min(axis.count - 1, Math.floor(place * axis.count));
}

function grow(
  axes: readonly Axis[],
  samples: readonly Sample[],
  sides: readonly Side[],
  depth: number,
  random: Random,
): Leaf[] {
  const split = depth < maxDepth ? bestSplit(axes, samples, sides, random) : null;
  if (split === null) return [{ sides, value: mean(samples) }];
  return [0, 1].flatMap((half) => {
    const inner = sides.with(split.at, split.sides[half] as Side);
    return grow(axes, split.parts[half] as readonly Sample[], inner, depth + 1, random);
  });
}

function bestSplit(
  axes: readonly Axis[],
  samples: readonly Sample[],
  sides: readonly Side[],
  random: Random,
): Split | null {
  if (samples.length < 2 * leafSamples) return null;
  let best: Split | null = null;
  for (const [at, axis] of axes.entries()) {
    if (random() > axesShare && best !== null) continue;
    for (const pair of cuts(axis, at, samples, sides[at] as Side, random)) {
      const parts = divide(axis, at, samples, pair[0]);
      if (parts[0].length < leafSamples || parts[1].length < leafSamples) continue;
      const spread = spreadOf(parts[0]) + spreadOf(parts[1]);
      if (best === null || spread < best.spread) best = { at, sides: pair, parts, spread };
    }
  }
  return best !== null && best.spread < spreadOf(samples) - 1e-12 ? best : null;
}

/**
 * Candidate splits of a side: between neighbors on a line (at a random position), or one value of a set against the
 * rest.
 */
function cuts(
  axis: Axis,
  at: number,
  samples: readonly Sample[],
  side: Side,
  random: Random,
): [Side, Side][] {
  if (side instanceof Set) {
    const cells = [...new Set(samples.map(({ place }) => cellOf(axis, place[at] ?? 0)))];
    if (cells.length < 2) return [];
    return cells.map((cell) => [new Set([cell]), new Set([...side].filter((other) => other !== cell))]);
  }
  const { from, to } = side as { from: number; to: number };
  const places = [...new Set(samples.map(({ place }) => place[at] ?? 0))].sort((a, b) => a - b);
  return places.slice(1).map((place, before) => {
    const low = places[before] as number;
    const edge = low + (0.25 + 0.5 * random()) * (place - low);
    return [
      { from, to: edge },
      { from: edge, to },
    ];
  });
}

function divide(axis: Axis, at: number, samples: readonly Sample[], first: Side): [Sample[], Sample[]] {
  const parts: [Sample[], Sample[]] = [[], []];
  for (const sample of samples) {
    const place = sample.place[at] ?? 0;
    const isFirst =
      first instanceof Set ? first.has(cellOf(axis, place)) : place < (first as { to: number }).to;
    parts[isFirst ? 0 : 1].push(sample);
  }
  return parts;
}

function mean(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0) / Math.max(1, samples.length);
}

/**
 * Sum of squared deviations from the mean.
 *
 * @source Breiman et al. 1984, Classification and Regression Trees, 8.2
 */
function spreadOf(samples: readonly Sample[]): number {
  const middle = mean(samples);
  return samples.reduce((sum, { value }) => sum + (value - middle) ** 2, 0);
}
