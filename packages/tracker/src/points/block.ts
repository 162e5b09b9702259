/** @file A block summarizes points that arrived consecutively by its first, last, lowest and highest point. */
import type { Point } from "./point.ts";

/** Number of points in a full block. */
export const blockPoints = 128;

/** Summary of points. All four points in it are logged points. */
export interface Block {
  readonly count: number;
  /** Ordered by step, then time. */
  readonly first: Point;
  readonly last: Point;
  /** Smallest and largest finite value; `null` if no value is finite. */
  readonly low: Point | null;
  readonly high: Point | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Adds a point to a block. */
export function withPoint(block: Block | null, point: Point): Block {
  if (!block) {
    const extreme = Number.isFinite(point.value) ? point : null;
    return {
      count: 1,
      first: point,
      last: point,
      low: extreme,
      high: extreme,
      fromMs: point.ms,
      toMs: point.ms,
    };
  }
  const { first, last, low, high, fromMs, toMs } = block;
  const counts = Number.isFinite(point.value);
  return {
    count: block.count + 1,
    first: isBefore(point, first) ? point : first,
    last: isBefore(point, last) ? last : point,
    low: counts && (!low || point.value < low.value) ? point : low,
    high: counts && (!high || point.value > high.value) ? point : high,
    fromMs: Math.min(fromMs, point.ms),
    toMs: Math.max(toMs, point.ms),
  };
}

/** Merges two blocks; `b` arrived after `a`. */
export function mergedBlock(a: Block, b: Block): Block {
  return {
    count: a.count + b.count,
    first: isBefore(b.first, a.first) ? b.first : a.first,
    last: isBefore(b.last, a.last) ? a.last : b.last,
    low: b.low && (!a.low || b.low.value < a.low.value) ? b.low : a.low,
    high: b.high && (!a.high || b.high.value > a.high.value) ? b.high : a.high,
    fromMs: Math.min(a.fromMs, b.fromMs),
    toMs: Math.max(a.toMs, b.toMs),
  };
}

function isBefore(a: Point, b: Point): boolean {
  return a.step < b.step || (a.step === b.step && a.ms < b.ms);
}

/** A block as text: JSON, with NaN and the infinities as strings. */
export function blockText(block: Block | null): string {
  if (!block) return "";
  const { count, first, last, low, high, fromMs, toMs } = block;
  const points = [first, last, low, high].map((point) =>
    point ? [point.step, point.ms, Number.isFinite(point.value) ? point.value : String(point.value)] : null,
  );
  return JSON.stringify([count, fromMs, toMs, ...points]);
}

/** Parses a block from its text. */
export function readBlock(text: string): Block | null {
  if (text === "") return null;
  const [count, fromMs, toMs, first, last, low, high] = JSON.parse(text) as StoredBlock;
  const ends = { first: pointFrom(first), last: pointFrom(last) };
  return { count, ...ends, low: low && pointFrom(low), high: high && pointFrom(high), fromMs, toMs };
}

/**
 * The points in the texts of non-empty blocks: first, lowest, highest and last of each. All texts are parsed in one
 * call, because a chart reads thousands of blocks.
 */
export function pointsInBlocks(texts: readonly string[]): Point[] {
  const points: Point[] = [];
  for (const [, , , first, last, low, high] of JSON.parse(`[${texts.join(",")}]`) as StoredBlock[]) {
    points.push(pointFrom(first));
    if (low) points.push(pointFrom(low));
    if (high) points.push(pointFrom(high));
    points.push(pointFrom(last));
  }
  return points;
}

/** The points of a block: first, lowest, highest, last. */
export function pointsOfBlock(block: Block | null): Point[] {
  return block ? [block.first, block.low, block.high, block.last].filter((point) => point !== null) : [];
}

type StoredPoint = readonly [step: number, ms: number, value: number | string];
type StoredBlock = readonly [
  ...(readonly [count: number, fromMs: number, toMs: number]),
  ...(readonly [first: StoredPoint, last: StoredPoint, low: StoredPoint | null, high: StoredPoint | null]),
];

function pointFrom([step, ms, value]: StoredPoint): Point {
  return { step, ms, value: Number(value) };
}
