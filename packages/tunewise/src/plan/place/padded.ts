/** @file Padded micro-batches on GPUs: every row is padded to the longest. */
import type { RowLength } from "../input.ts";
import { packRows } from "../local/packs.ts";

/** Micro-batches of one epoch. */
export interface PaddedBatches {
  readonly count: number;
  /** Mean and max. length of a micro-batch. */
  readonly length: number;
  readonly longest: number;
  /** Share of padding tokens. */
  readonly paddedShare: number;
  /** Padded lengths of a sample of micro-batches, as frequent as in an epoch. */
  readonly sample: readonly number[];
}

/** Number of micro-batches in a sample. */
const sampled = 32;

/** How rows are grouped. */
export type Batching = "shuffle" | "length" | "pack";

/**
 * Computes the expected lengths of micro-batches.
 *
 * Shuffled: the longest of B rows drawn from n is the i-th shortest with probability (i / n)^B - ((i - 1) / n)^B.
 *
 * @param rows rows of a micro-batch
 * @source David and Nagaraja 2003, Order Statistics, section 2.1
 */
export function padRows(
  lengths: readonly RowLength[],
  rows: number,
  batching: Batching,
  maxLength: number,
): PaddedBatches {
  const sorted = lengths.map(({ tokens }) => Math.min(tokens, maxLength)).sort((a, b) => a - b);
  const longest = sorted.at(-1) ?? 0;
  const real = sorted.reduce((sum, length) => sum + length, 0);
  if (sorted.length === 0) return { count: 0, length: 0, longest: 0, paddedShare: 0, sample: [] };
  if (batching === "pack") {
    const packs = packRows(sorted, maxLength).length;
    const padded = packs * maxLength;
    return {
      count: Math.ceil(packs / rows),
      length: maxLength,
      longest: maxLength,
      paddedShare: 1 - real / padded,
      sample: [],
    };
  }
  const count = Math.ceil(sorted.length / rows);
  const length = batching === "length" ? meanOfGroups(sorted, rows) : expectedLongest(sorted, rows);
  return {
    count,
    length,
    longest,
    paddedShare: Math.max(0, 1 - real / (length * sorted.length)),
    sample: batching === "length" ? sampleOfGroups(sorted, rows) : sampleOfLongest(sorted, rows),
  };
}

/** Longest rows of groups of similar length, evenly sampled. */
function sampleOfGroups(sorted: readonly number[], rows: number): number[] {
  const groups = Math.ceil(sorted.length / rows);
  const count = Math.min(sampled, groups);
  return Array.from({ length: count }, (_, at) => {
    const group = Math.floor(((at + 0.5) * groups) / count);
    return sorted[sorted.length - 1 - group * rows] ?? 0;
  });
}

/** Quantiles of the longest of `rows` rows. @source as for `padRows` */
function sampleOfLongest(sorted: readonly number[], rows: number): number[] {
  const together = Math.min(rows, sorted.length);
  return Array.from({ length: sampled }, (_, at) => {
    const share = ((at + 0.5) / sampled) ** (1 / together);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  });
}

function meanOfGroups(sorted: readonly number[], rows: number): number {
  let sum = 0;
  let groups = 0;
  for (let end = sorted.length; end > 0; end -= rows) {
    sum += sorted[end - 1] ?? 0;
    groups++;
  }
  return sum / groups;
}

/** Expected maximum length of `rows` rows. @source as for `padRows` */
function expectedLongest(sorted: readonly number[], rows: number): number {
  const together = Math.min(rows, sorted.length);
  let sum = 0;
  let below = 0;
  for (let index = 0; index < sorted.length; index++) {
    const until = ((index + 1) / sorted.length) ** together;
    sum += (until - below) * (sorted[index] ?? 0);
    below = until;
  }
  return sum;
}

/** Max. number of different batch sizes; the allocator's cache stops growing long before. */
const maxShapes = 32;
/** Tokens of the worker's evaluation batches, padding included: `EVALUATED_TOKENS` of the worker. */
const evaluatedTokens = 8192;

/** One batch of each padded size, largest first; evenly sampled if there are too many sizes. */
export function differentShapes(batches: readonly (readonly number[])[]): (readonly number[])[] {
  const bySize = new Map(batches.map((batch) => [paddedTokens(batch), batch]));
  const sorted = [...bySize].sort(([a], [b]) => b - a).map(([, batch]) => batch);
  const count = Math.min(sorted.length, maxShapes);
  return Array.from({ length: count }, (_, at) => sorted[Math.floor((at * sorted.length) / count)] ?? []);
}

/** Rows of the evaluation batch with the most tokens: rows of similar length are grouped up to a number of tokens. */
export function largestEvaluation(lengths: readonly number[]): readonly number[] {
  const batches: number[][] = [];
  for (const length of lengths.toSorted((a, b) => a - b)) {
    const last = batches.at(-1);
    if (last !== undefined && (last.length + 1) * length <= evaluatedTokens) last.push(length);
    else batches.push([length]);
  }
  return batches.toSorted((a, b) => paddedTokens(b) - paddedTokens(a))[0] ?? [];
}

/** Tokens of a padded batch. */
export function paddedTokens(lengths: readonly number[]): number {
  return lengths.length * Math.max(0, ...lengths);
}
