/**
 * @file Coarser levels of a series: four blocks make one summary of level 1, four of those one of level 2, and so on.
 *
 * A summary is written once, when the last of the four it rests on is there; what is not summed up yet is found on the
 * level below. So levels follow from blocks alone and hold no state of their own.
 */
import type { Reader, SqlRow, SqlValue, Target, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { type Block, mergedBlock, readBlock } from "./block.ts";
import type { Point } from "./point.ts";

/** Summaries of a level that make one of the next. */
export const levelWidth = 4;

const levelTarget: Target = {
  table: "levels",
  columns: {
    series: "integer",
    level: "integer",
    block: "integer",
    from_step: "integer",
    to_step: "integer",
    from_ms: "integer",
    to_ms: "integer",
    summary: "text",
  },
};

/** Rows read at a time: a multiple of `levelWidth`. */
const rowsAtOnce = 4_096;

/** Whole summaries that a level has of a series with so many blocks; level 0 are the blocks themselves. */
export function countAt(level: number, blocks: number): number {
  return Math.floor(blocks / levelWidth ** level);
}

/** The coarsest level that has a summary of a series with so many blocks. */
export function topLevel(blocks: number): number {
  let level = 0;
  while (countAt(level + 1, blocks) > 0) level++;
  return level;
}

/**
 * How many summaries each level of a series has, its blocks first. Usually as many as `countAt` says; fewer where an
 * earlier version of tunewise, still at work beside this one, wrote the blocks. Whoever reads finds what is missing on
 * the level below.
 */
export async function levelCounts(reader: Reader, series: number, blocks: number): Promise<number[]> {
  const counts = [blocks];
  for (let level = 1; level <= topLevel(blocks); level++) {
    const sql = "SELECT max(block) AS last FROM levels WHERE series = ? AND level = ?";
    const [row] = await reader.all(sql, series, level);
    const last = row ? numberOrNull(row, "last") : null;
    counts.push(last === null ? 0 : Math.min(last + 1, Math.floor((counts[level - 1] ?? 0) / levelWidth)));
  }
  return counts;
}

/** Writes the summaries that the blocks of a series complete. */
export async function growLevels(transaction: Transaction, series: number, blocks: number): Promise<void> {
  const counts = await levelCounts(transaction, series, blocks);
  for (let level = 1; level < counts.length; level++) {
    const [known, wanted] = [counts[level] ?? 0, countAt(level, blocks)];
    for (let at = known; at < wanted; at += rowsAtOnce / levelWidth) {
      const to = Math.min(wanted, at + rowsAtOnce / levelWidth);
      const rows = await readRows(transaction, series, level - 1, at * levelWidth, to * levelWidth);
      await transaction.insert(levelTarget, parentRows(series, level, at, rows), "ON CONFLICT DO NOTHING");
    }
  }
}

/** Deletes the summaries that rest on a block or on one behind it. */
export async function cutLevels(transaction: Transaction, series: number, block: number): Promise<void> {
  const sql = "SELECT max(level) AS top FROM levels WHERE series = ?";
  const top = Number((await transaction.all(sql, series))[0]?.["top"] ?? 0);
  for (let level = 1; level <= top; level++) {
    await transaction.run(
      "DELETE FROM levels WHERE series = ? AND level = ? AND block >= ?",
      ...[series, level, countAt(level, block)],
    );
  }
}

/** Rows of a level from a block on, up to before another one, in their order. */
async function readRows(
  reader: Reader,
  series: number,
  level: number,
  from: number,
  to: number,
): Promise<SqlRow[]> {
  const range = "block >= ? AND block < ? ORDER BY block";
  return level === 0
    ? reader.all(`SELECT * FROM blocks WHERE series = ? AND ${range}`, series, from, to)
    : reader.all(`SELECT * FROM levels WHERE series = ? AND level = ? AND ${range}`, series, level, from, to);
}

/** Each four rows as one of the next level. */
function parentRows(series: number, level: number, from: number, rows: readonly SqlRow[]): SqlValue[][] {
  const parents: SqlValue[][] = [];
  for (let at = 0; at + levelWidth <= rows.length; at += levelWidth) {
    const some = rows.slice(at, at + levelWidth).map((row) => blockOf(row, level - 1));
    const block = some.reduce(mergedBlock);
    parents.push([
      ...[series, level, from + at / levelWidth, block.first.step, block.last.step],
      ...[block.fromMs, block.toMs, summaryText(block)],
    ]);
  }
  return parents;
}

function blockOf(row: SqlRow, level: number): Block {
  const text = String(row["summary"]);
  const block = level === 0 ? readBlock(text) : null;
  if (block) return block;
  const [first, low, high, last] = pointsInSummary(JSON.parse(`[${text}]`) as Summary, 0);
  if (!first || !last) throw new Error("Internal: a summary without its ends");
  return {
    ...{ count: 0, first, last, low: low ?? null, high: high ?? null },
    ...{ fromMs: Number(row["from_ms"]), toMs: Number(row["to_ms"]) },
  };
}

/**
 * First, lowest, highest and last of a block, each as step, time and value; three times `null` where no value is a
 * finite number. A flat list is read in half the time of a nested one.
 */
function summaryText({ first, low, high, last }: Block): string {
  const parts = [first, low, high, last].flatMap((point) =>
    point
      ? [point.step, point.ms, Number.isFinite(point.value) ? point.value : String(point.value)]
      : [null, null, null],
  );
  return JSON.stringify(parts).slice(1, -1);
}

/** Step, time, value; step, time, value ... */
type Summary = readonly (number | string | null)[];

const summaryLength = 12;

function pointsInSummary(summary: Summary, from: number): (Point | null)[] {
  return [0, 3, 6, 9].map((at) => pointAt(summary, from + at));
}

function pointAt(summary: Summary, at: number): Point | null {
  const [step, ms, value] = [summary[at], summary[at + 1], summary[at + 2]];
  if (typeof step !== "number" || typeof ms !== "number") return null;
  return { step, ms, value: Number(value) };
}

/** The points that stand in summaries of levels, in their order. */
export function pointsInSummaries(texts: readonly string[]): Point[] {
  const all = JSON.parse(`[${texts.join(",")}]`) as Summary;
  const points: Point[] = [];
  for (let from = 0; from < all.length; from += summaryLength) {
    for (let at = from; at < from + summaryLength; at += 3) {
      const point = pointAt(all, at);
      if (point) points.push(point);
    }
  }
  return points;
}
