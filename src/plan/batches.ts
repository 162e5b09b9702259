/**
 * @file From row lengths to batches: how many, how full, how much attention, and how large the worst one is.
 */
import type { TrainingSection } from "../recipe/index.ts";
import type { RowLength } from "./input.ts";

/** Batches of one pass over the rows. */
export interface Batches {
  readonly count: number;
  /** Tokens that go through the linear layers: no padding, a shared beginning once per batch. */
  readonly linearTokens: number;
  readonly labelledTokens: number;
  /** Places of the attention grids: the sum of rows x longest x longest. */
  readonly attentionCells: number;
  /** The same if every row had a grid of its own. */
  readonly usefulCells: number;
  readonly worst: WorstBatch;
}

/** The batch that decides memory. */
export interface WorstBatch {
  readonly rows: number;
  readonly tokens: number;
  readonly longest: number;
}

type Batching = Pick<TrainingSection, "batchSize" | "batching">;

/**
 * Lays rows into batches as the engine does, in expectation where it shuffles.
 *
 * @param maxLength rows count up to here; also the size of a pack
 * @param sharedPrefix tokens all rows begin with, or 0
 */
export function layBatches(
  rows: readonly RowLength[],
  { batchSize, batching }: Batching,
  maxLength: number,
  sharedPrefix: number,
): Batches {
  const lengths = rows.map(({ tokens }) => Math.min(tokens, maxLength)).sort((a, b) => a - b);
  const units = batching === "pack" ? packLengths(lengths, Math.min(maxLength, sum(lengths))) : lengths;
  const count = Math.ceil(units.length / batchSize);
  const total = sum(lengths);
  const prefix = Math.min(sharedPrefix, lengths[0] ?? 0);
  const saved = batchSize > 1 && batching !== "pack" ? prefix * (lengths.length - count) : 0;
  return {
    count,
    linearTokens: total - saved,
    labelledTokens: sum(rows.map(({ labelledTokens }) => labelledTokens)),
    attentionCells: batching === "shuffle" ? shuffledCells(units, batchSize) : sortedCells(units, batchSize),
    usefulCells: sum(lengths.map((length) => length * length)),
    worst: worstBatch(units, batchSize, batching),
  };
}

/**
 * Expected grid of shuffled batches: the longest of B rows drawn from n sorted ones is the i-th with
 * probability
 * (i / n)^B - ((i - 1) / n)^B.
 *
 * @source David and Nagaraja 2003, Order Statistics, section 2.1
 */
function shuffledCells(sorted: readonly number[], batchSize: number): number {
  const rows = sorted.length;
  const drawn = Math.min(batchSize, rows);
  let squared = 0;
  for (const [index, length] of sorted.entries()) {
    const chance = ((index + 1) / rows) ** drawn - (index / rows) ** drawn;
    squared += chance * length * length;
  }
  return rows * squared;
}

/** Rows of like length together: each batch as wide as its longest. */
function sortedCells(sorted: readonly number[], batchSize: number): number {
  let cells = 0;
  for (let end = sorted.length; end > 0; end -= batchSize) {
    const longest = sorted[end - 1] ?? 0;
    cells += Math.min(batchSize, end) * longest * longest;
  }
  return cells;
}

/** Sorted by length, the longest rows meet; shuffled, the longest row meets average ones. */
function worstBatch(
  sorted: readonly number[],
  batchSize: number,
  batching: Batching["batching"],
): WorstBatch {
  const rows = Math.min(batchSize, sorted.length);
  const longest = sorted.at(-1) ?? 0;
  const mean = sorted.length ? sum(sorted) / sorted.length : 0;
  const tokens =
    batching === "shuffle" ? longest + mean * Math.max(0, rows - 1) : sum(sorted.slice(sorted.length - rows));
  return { rows, tokens: Math.ceil(tokens), longest };
}

/**
 * Lengths of packs, sorted: each row goes into the fullest pack that has room for it, longest rows first.
 *
 * @source Johnson 1973, "Near-optimal bin packing algorithms": best fit decreasing
 */
function packLengths(sorted: readonly number[], size: number): number[] {
  const shortest = sorted[0] ?? 0;
  const open: number[] = []; // room left in packs that can still take a row, rising
  const closed: number[] = [];
  for (let index = sorted.length - 1; index >= 0; index--) {
    const length = sorted[index] ?? 0;
    const at = firstAtLeast(open, length);
    const [room = size] = open.splice(at, 1);
    const left = room - length;
    if (left < shortest) closed.push(left);
    else open.splice(firstAtLeast(open, left), 0, left);
  }
  return [...closed, ...open].map((room) => size - room).sort((a, b) => a - b);
}

/** Index of the first value that is not below the limit. */
function firstAtLeast(rising: readonly number[], limit: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
