/** @file A block sums up points that arrived one after the other: its ends and its extremes, as real points. */
import type { Point } from "./point.ts";

/** Points of a whole block. */
export const blockPoints = 128;

/** What is known of some points without reading them; all four are points that were logged. */
export interface Block {
  readonly count: number;
  /** By step, then time. */
  readonly first: Point;
  readonly last: Point;
  /** Smallest and largest finite value; `null` where no value is finite. */
  readonly low: Point | null;
  readonly high: Point | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A block with one point more. */
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

/** Two blocks as one, the second of which arrived after the first. */
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

/** A block as text: a list of numbers, those that JSON lacks by name. */
export function blockText(block: Block | null): string {
  if (!block) return "";
  const { count, first, last, low, high, fromMs, toMs } = block;
  const points = [first, last, low, high].map((point) =>
    point ? [point.step, point.ms, Number.isFinite(point.value) ? point.value : String(point.value)] : null,
  );
  return JSON.stringify([count, fromMs, toMs, ...points]);
}

/** The block of a text of ours. */
export function readBlock(text: string): Block | null {
  if (text === "") return null;
  const [count, fromMs, toMs, first, last, low, high] = JSON.parse(text) as StoredBlock;
  const ends = { first: pointFrom(first), last: pointFrom(last) };
  return { count, ...ends, low: low && pointFrom(low), high: high && pointFrom(high), fromMs, toMs };
}

/**
 * The points that stand in texts of blocks, none of them empty: first, lowest, highest and last of each. A chart reads
 * thousands of blocks, so they are parsed in one go, and nothing else is made of them.
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
