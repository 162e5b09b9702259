/**
 * @file From row lengths to batches: how many, how full, how much attention, and how large the worst one is.
 */
import type { TrainingSection } from "../../recipe/index.ts";
import { workConstants } from "../constants.ts";
import type { RowLength } from "../input.ts";
import { packRows, type Unit } from "./packs.ts";

/** Batches of one pass over the rows. */
export interface Batches {
  readonly count: number;
  /** Tokens that go through the linear layers: no padding, a shared beginning once per batch. */
  readonly linearTokens: number;
  readonly labelledTokens: number;
  /** Places of the attention grids: each row of a batch is as wide as the batch's longest. */
  readonly attentionCells: number;
  /** The same if every row had a grid of its own. */
  readonly usefulCells: number;
  readonly worst: WorstBatch;
}

/** The batch that decides memory. */
export interface WorstBatch {
  readonly rows: number;
  /** Tokens in the linear layers. */
  readonly tokens: number;
  readonly longest: number;
  readonly labelledTokens: number;
  /** Tokens all rows begin with, held once. */
  readonly prefix: number;
}

type Batching = Pick<TrainingSection, "batchSize" | "batching">;

/**
 * Lays training rows into batches as the engine does, in expectation where it shuffles.
 *
 * Rows of a pack lie side by side and do not see each other, so a pack is a unit with the grid of its
 * longest row.
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
  const lengths = sortedLengths(rows, maxLength);
  const singles = lengths.map((tokens): Unit => ({ rows: 1, tokens, longest: tokens }));
  const units = batching === "pack" ? packRows(lengths, maxLength) : singles;
  const together = Math.min(batchSize, units.length);
  const isShuffled = batching !== "length";
  const count = Math.ceil(units.length / batchSize);
  const prefix = count < rows.length ? usedPrefix(sharedPrefix, lengths) : 0;
  const cells = isShuffled ? shuffledCells(units, together, prefix) : sortedCells(lengths, batchSize, prefix);
  const chosen = isShuffled ? averageWithLongest(units, together) : sumUnits(units.slice(-together));
  return {
    count,
    linearTokens: sum(lengths) - prefix * (lengths.length - count),
    labelledTokens: sum(rows.map(({ labelledTokens }) => labelledTokens)),
    attentionCells: cells + count * prefix * prefix,
    usefulCells: sum(lengths.map((length) => length * length)),
    worst: worstOf(chosen, rows, prefix),
  };
}

/**
 * Lays rows into batches of as many as fit into a number of places, like lengths together: how losses are
 * computed.
 *
 * @param places rows x longest of a batch stay below this
 */
export function layByPlaces(
  rows: readonly RowLength[],
  places: number,
  maxLength: number,
  sharedPrefix: number,
): Batches {
  const lengths = sortedLengths(rows, maxLength);
  const longest = lengths.at(-1) ?? 0;
  const prefix = usedPrefix(sharedPrefix, lengths);
  const groups: { rows: number; longest: number }[] = [];
  for (let from = 0; from < lengths.length; ) {
    let until = from + 1;
    while (until < lengths.length && (until + 1 - from) * (lengths[until] ?? 0) <= places) until++;
    groups.push({ rows: until - from, longest: lengths[until - 1] ?? 0 });
    from = until;
  }
  const cells = groups.map((group) => group.rows * group.longest * (group.longest - prefix));
  const most = Math.max(1, Math.floor(places / Math.max(1, longest)));
  const together = Math.min(lengths.length, most);
  return {
    count: groups.length,
    linearTokens: sum(lengths) - prefix * (lengths.length - groups.length),
    labelledTokens: sum(rows.map(({ labelledTokens }) => labelledTokens)),
    attentionCells: sum(cells) + groups.length * prefix * prefix,
    usefulCells: sum(lengths.map((length) => length * length)),
    worst: worstOf({ rows: together, tokens: together * longest, longest }, rows, prefix),
  };
}

/** Lengths up to the limit, rising. */
function sortedLengths(rows: readonly RowLength[], maxLength: number): number[] {
  return rows.map(({ tokens }) => Math.min(tokens, maxLength)).sort((a, b) => a - b);
}

/** The beginning that is computed once, lengths rising: the engine does not share a short one, and each row keeps a token. */
export function usedPrefix(sharedPrefix: number, sorted: readonly number[]): number {
  const prefix = Math.min(sharedPrefix, (sorted[0] ?? 0) - 1);
  return prefix >= workConstants.shortestSharedPrefix ? prefix : 0;
}

/**
 * Expected grid of shuffled batches: of the B - 1 others in a batch, drawn from n, the longest is the i-th
 * with
 * probability (i / n)^(B-1) - ((i - 1) / n)^(B-1); a unit is as wide as the longer of itself and that one.
 *
 * @source David and Nagaraja 2003, Order Statistics, section 2.1
 */
function shuffledCells(units: readonly Unit[], together: number, prefix: number): number {
  const rising = [...units].sort((a, b) => a.longest - b.longest);
  const share = (index: number): number => ((index + 1) / rising.length) ** (together - 1);
  let cells = 0;
  let wider = 0; // expected area of the longer others, each times its chance
  for (let index = rising.length - 1; index >= 0; index--) {
    const { rows, longest } = rising[index] as Unit;
    const area = longest * (longest - prefix);
    cells += rows * (share(index) * area + wider);
    wider += (share(index) - (index === 0 ? 0 : share(index - 1))) * area;
  }
  return cells;
}

/** Rows of like length together: each batch as wide as its longest. */
function sortedCells(sorted: readonly number[], batchSize: number, prefix: number): number {
  let cells = 0;
  for (let end = sorted.length; end > 0; end -= batchSize) {
    const longest = sorted[end - 1] ?? 0;
    cells += Math.min(batchSize, end) * longest * (longest - prefix);
  }
  return cells;
}

/** The batch around the longest unit: the others are average ones. */
function averageWithLongest(units: readonly Unit[], together: number): Unit {
  if (units.length === 0) return { rows: 0, tokens: 0, longest: 0 };
  const all = sumUnits(units);
  const largest = units.reduce((a, b) => (b.tokens > a.tokens ? b : a));
  const others = (together - 1) / units.length;
  return {
    rows: Math.ceil(largest.rows + others * all.rows),
    tokens: Math.ceil(largest.tokens + others * all.tokens),
    longest: all.longest,
  };
}

function sumUnits(units: readonly Unit[]): Unit {
  return {
    rows: sum(units.map(({ rows }) => rows)),
    tokens: sum(units.map(({ tokens }) => tokens)),
    longest: units.reduce((a, b) => Math.max(a, b.longest), 0),
  };
}

function worstOf(batch: Unit, rows: readonly RowLength[], prefix: number): WorstBatch {
  const labelled = rows.map(({ labelledTokens }) => labelledTokens).sort((a, b) => b - a);
  return {
    rows: batch.rows,
    tokens: batch.tokens - prefix * Math.max(0, batch.rows - 1),
    longest: batch.longest,
    labelledTokens: Math.min(batch.tokens, sum(labelled.slice(0, batch.rows))),
    prefix,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
