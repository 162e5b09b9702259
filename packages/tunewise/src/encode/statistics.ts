/** @file Row length statistics: percentiles, histogram, cost of padding and savings of packing. */
import { shuffle } from "@tunewise/core/math";

/** Lengths in tokens; all zero if there are no rows. */
export interface LengthStatistics {
  readonly count: number;
  readonly total: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly histogram: readonly HistogramBin[];
}

/** Lengths from `from` (inclusive) to `to` (exclusive). */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Padding of each batching method. */
export interface PaddingStatistics {
  /** Rows in shuffled order. */
  readonly shuffle: BatchShape;
  /** Rows grouped by length. */
  readonly length: BatchShape;
  /** Rows packed up to the max. length, best fit decreasing. */
  readonly pack: BatchShape;
}

/** Batches and padding of a batching method. */
export interface BatchShape {
  readonly batches: number;
  /** Positions computed per epoch. */
  readonly positions: number;
  /** Share of computed positions that hold no token, 0 to 1. */
  readonly paddingShare: number;
}

const MAX_BINS = 24;

/** Computes the statistics of a list of lengths. */
export function measureLengths(lengths: readonly number[]): LengthStatistics {
  const sorted = Float64Array.from(lengths).sort();
  const total = sorted.reduce((sum, length) => sum + length, 0);
  return {
    count: sorted.length,
    total,
    min: sorted[0] ?? 0,
    mean: sorted.length === 0 ? 0 : total / sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
    histogram: histogramOf(sorted),
  };
}

/**
 * Smallest length that at least this share of the rows does not exceed.
 *
 * @source nearest-rank definition: the item of rank ceil(share x count)
 */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Bins of equal width; the width is the smallest of 1, 2, 5, 10, 20, 50 ... that needs at most 24 bins. */
function histogramOf(sorted: Float64Array): HistogramBin[] {
  if (sorted.length === 0) return [];
  const [min, max] = [sorted[0] as number, sorted.at(-1) as number];
  let width = 1;
  for (let step = 0; Math.floor(max / width) - Math.floor(min / width) >= MAX_BINS; step++) {
    width *= [2, 2.5, 2][step % 3] as number;
  }
  const first = Math.floor(min / width);
  const counts = new Array<number>(Math.floor(max / width) - first + 1).fill(0);
  for (const length of sorted) {
    const bin = Math.floor(length / width) - first;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((count, bin) => ({ from: (first + bin) * width, to: (first + bin + 1) * width, count }));
}

/**
 * Computes the padding of each batching method for these rows.
 *
 * @param lengths tokens of each row, at most `maxLength`
 * @param options rows per batch; tokens per packed row; seed of the shuffle
 */
export function measurePadding(
  lengths: readonly number[],
  options: { readonly batchSize: number; readonly maxLength: number; readonly seed: number },
): PaddingStatistics {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const sorted = [...lengths].sort((a, b) => b - a);
  const shape = (batches: number, positions: number): BatchShape => ({
    batches,
    positions,
    paddingShare: positions === 0 ? 0 : 1 - tokens / positions,
  });
  const padded = (order: readonly number[]): BatchShape => {
    let positions = 0;
    for (let from = 0; from < order.length; from += options.batchSize) {
      const batch = order.slice(from, from + options.batchSize);
      positions += batch.length * batch.reduce((max, length) => Math.max(max, length), 0);
    }
    return shape(Math.ceil(order.length / options.batchSize), positions);
  };
  const packs = countPacks(sorted, options.maxLength);
  return {
    shuffle: padded(shuffle(lengths, options.seed)),
    length: padded(sorted),
    pack: shape(packs, packs * options.maxLength),
  };
}

/**
 * Number of packs by best fit decreasing.
 *
 * A segment tree over the remaining space finds the best-fitting open pack for each length.
 *
 * @param sorted lengths, longest first
 * @source Ding et al. 2024, "Fewer Truncations Improve Language Modeling", section 3
 */
function countPacks(sorted: readonly number[], maxLength: number): number {
  const size = 2 ** Math.ceil(Math.log2(maxLength + 1));
  const open = new Int32Array(2 * size);
  const change = (free: number, by: number): void => {
    for (let node = size + free; node >= 1; node >>= 1) open[node] = (open[node] as number) + by;
  };
  let packs = 0;
  for (const length of sorted) {
    const free = smallestOpen(open, size, length);
    if (free < 0) {
      packs++;
      change(maxLength - length, 1);
    } else {
      change(free, -1);
      change(free - length, 1);
    }
  }
  return packs;
}

/** Smallest remaining space of at least `wanted` among open packs, or -1. */
function smallestOpen(open: Int32Array, size: number, wanted: number): number {
  if (wanted >= size) return -1;
  let node = size + wanted;
  while (open[node] === 0) {
    // Ascend while this is a right child, then move to the right sibling; at the root no sibling is left.
    while (node > 1 && node % 2 === 1) node >>= 1;
    if (node <= 1) return -1;
    node++;
  }
  while (node < size) node = open[2 * node] === 0 ? 2 * node + 1 : 2 * node;
  return node - size;
}
