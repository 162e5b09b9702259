/**
 * @file Batch shapes that determine memory: the largest batch of each program layout.
 *
 * The engine builds programs per layout (equal or unequal row lengths; number of blocks of the longest row) and caches
 * the last two, each with the memory of its largest batch.
 */
import { linearCongruential, shuffled } from "@tunewise/core/math";
import type { TrainingSection } from "../../recipe/index.ts";
import { memoryConstants as k, workConstants } from "../constants.ts";
import type { RowLength } from "../input.ts";
import { lossGroups } from "./batches.ts";
import { packRows } from "./packs.ts";

/** Shape of a batch. */
export interface BatchShape {
  readonly rows: number;
  /** Tokens in the linear layers, with a shared prefix once. */
  readonly tokens: number;
  /** Longest row without the shared prefix. */
  readonly longest: number;
  readonly labelledTokens: number;
  /** Length of the shared prefix. */
  readonly prefix: number;
}

/** Batch shapes that determine memory. */
export interface BatchShapes {
  /** Largest batch of each layout, by decreasing tokens. */
  readonly layouts: readonly BatchShape[];
  /** Max. labeled tokens of any batch. */
  readonly labelledTokens: number;
}

/** Shapes of no rows. */
const noShapes: BatchShapes = { layouts: [], labelledTokens: 0 };

/**
 * Shapes of training batches, grouped like in the engine, with a different shuffle than the run's.
 *
 * @param shared length of the shared prefix, or 0
 */
export function trainShapes(
  rows: readonly RowLength[],
  { batchSize, batching }: Pick<TrainingSection, "batchSize" | "batching">,
  maxLength: number,
  shared: number,
): BatchShapes {
  const clipped = clip(rows, maxLength);
  if (batching === "shuffle") return shapesOf(cut(inSomeOrder(clipped), batchSize), shared);
  // the engine sorts windows of the shuffled rows: each resembles a subsample of all rows
  const window = Math.min(clipped.length, batchSize * k.windowBatches);
  const sorted = thinned(byLength(clipped).reverse(), window);
  if (batching === "length") return shapesOf(cut(sorted, batchSize), shared);
  const pack = packedShape(byLength(clipped), batchSize, maxLength, shared);
  return pack ? { layouts: [pack], labelledTokens: pack.labelledTokens } : noShapes;
}

/** Shapes of batches for computing losses: grouped by length, limited by rows x longest. */
export function evaluationShapes(
  rows: readonly RowLength[],
  maxLength: number,
  shared: number,
  places: number = workConstants.evaluationCells,
): BatchShapes {
  const sorted = byLength(clip(rows, maxLength));
  return shapesOf(
    lossGroups(sorted, ({ tokens }) => tokens, places),
    shared,
  );
}

/**
 * Whether attention works in blocks of a fixed size, without a grid, masks and scores. @source this engine:
 * attention/choose.ts
 */
export function isFlat({ longest, prefix }: Pick<BatchShape, "longest" | "prefix">): boolean {
  return prefix + longest >= k.flatFrom;
}

/** Number of query blocks of a row. @source this engine: batch/cut-length.ts */
export function blocksOf(longest: number): number {
  return k.blocksFrom.find(({ from }) => longest >= from)?.count ?? 1;
}

/**
 * Finds the largest batch of each layout.
 *
 * @param shared length of the shared prefix, or 0
 */
export function shapesOf(batches: readonly (readonly RowLength[])[], shared: number): BatchShapes {
  const found = new Map<string, BatchShape>();
  let labelledTokens = 0;
  for (const rows of batches) {
    const shape = shapeOf(rows, shared);
    labelledTokens = Math.max(labelledTokens, shape.labelledTokens);
    const isDense = rows.every(({ tokens }) => tokens === rows[0]?.tokens);
    const grid = `${isDense} ${blocksOf(shape.longest)} ${blocksOf(shape.prefix)}`;
    const layout = `${isFlat(shape) ? "flat" : grid} ${shape.prefix > 0}`;
    const known = found.get(layout);
    if (!known || placesOf(shape) > placesOf(known)) found.set(layout, shape);
  }
  const layouts = [...found.values()].sort((a, b) => b.tokens - a.tokens || b.longest - a.longest);
  return { layouts, labelledTokens };
}

function shapeOf(rows: readonly RowLength[], shared: number): BatchShape {
  const shortest = rows.reduce((least, { tokens }) => Math.min(least, tokens), Number.POSITIVE_INFINITY);
  const common = rows.length > 1 ? Math.min(shared, shortest - 1) : 0;
  const prefix = common >= workConstants.shortestSharedPrefix ? common : 0;
  const sum = (pick: (row: RowLength) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  return {
    rows: rows.length,
    tokens: prefix + sum(({ tokens }) => tokens - prefix),
    longest: rows.reduce((most, { tokens }) => Math.max(most, tokens), 0) - prefix,
    labelledTokens: sum((row) => row.labelledTokens),
    prefix,
  };
}

/** Size for comparing batches of a layout; linear layers and attention both grow with it. */
function placesOf({ rows, tokens, longest }: BatchShape): number {
  return tokens + rows * longest;
}

/** Upper bound of a batch of packs: the fullest packs, with the most rows and the longest row. */
function packedShape(
  rows: readonly RowLength[],
  batchSize: number,
  maxLength: number,
  shared: number,
): BatchShape | null {
  const packs = packRows(
    rows.map(({ tokens }) => tokens),
    maxLength,
  );
  const fullest = packs.sort((a, b) => b.tokens - a.tokens).slice(0, batchSize);
  if (fullest.length === 0) return null;
  const usual = rows.length / packs.length;
  const most = packs.reduce((found, pack) => Math.max(found, pack.rows), 0);
  const count = Math.min(rows.length, Math.round(most + (fullest.length - 1) * usual));
  const whole = shapeOf(rows, shared);
  const tokens = fullest.reduce((sum, pack) => sum + pack.tokens, 0);
  return {
    rows: count,
    tokens: tokens - whole.prefix * (count - 1),
    longest: whole.longest,
    labelledTokens: Math.ceil((whole.labelledTokens * count) / rows.length),
    prefix: whole.prefix,
  };
}

function clip(rows: readonly RowLength[], most: number): RowLength[] {
  return rows.map((row) => ({ ...row, tokens: Math.min(row.tokens, most) }));
}

function byLength(rows: readonly RowLength[]): RowLength[] {
  return [...rows].sort((a, b) => a.tokens - b.tokens);
}

/** Selects evenly spaced items, including the first. */
function thinned<Item>(items: readonly Item[], count: number): Item[] {
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)] as Item);
}

function cut<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

/** A deterministic shuffle. */
function inSomeOrder<Item>(items: readonly Item[]): Item[] {
  const next = linearCongruential(1);
  return shuffled(items, (limit) => next() % limit);
}
