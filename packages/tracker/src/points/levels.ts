/**
 * @file Coarser levels of a series: four blocks form one summary of level 1, four of those one of level 2, and so on.
 *
 * A summary is written once, when the last of its four parts exists. Parts without a summary are read from the level
 * below. Levels are derived from blocks only and have no state of their own.
 */
import type { Reader, SqlRow, SqlValue, Target, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { type Block, mergedBlock, readBlock } from "./block.ts";
import type { Point } from "./point.ts";

/** Number of summaries of a level that form one of the next. */
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

/** Rows per query; a multiple of `levelWidth`. */
const rowsAtOnce = 4_096;

/** Number of complete summaries that a level has for a number of blocks; level 0 are the blocks themselves. */
export function countAt(level: number, blocks: number): number {
  return Math.floor(blocks / levelWidth ** level);
}

/** The coarsest level that has a summary for a number of blocks. */
export function topLevel(blocks: number): number {
  let level = 0;
  while (countAt(level + 1, blocks) > 0) level++;
  return level;
}

/**
 * Number of summaries per level of a series, blocks first. Usually equal to `countAt`. There are fewer if an older
 * version of tunewise wrote blocks concurrently; readers then use the level below.
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

/** Writes the missing summaries of a series with a number of blocks. */
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

/** Deletes the summaries that cover a block or later ones. */
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

/** Rows of a level for a range of block numbers (`to` excluded), in order. */
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

/** Merges each four rows into a row of the next level. */
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
    count: 0,
    first,
    last,
    low: low ?? null,
    high: high ?? null,
    fromMs: Number(row["from_ms"]),
    toMs: Number(row["to_ms"]),
  };
}

/**
 * First, lowest, highest and last point of a block, each as step, time and value; three times `null` if no value is
 * finite. A flat list parses twice as fast as a nested one.
 */
function summaryText({ first, low, high, last }: Block): string {
  const parts = [first, low, high, last].flatMap((point) =>
    point
      ? [point.step, point.ms, Number.isFinite(point.value) ? point.value : String(point.value)]
      : [null, null, null],
  );
  return JSON.stringify(parts).slice(1, -1);
}

/** Flat list: step, time, value, step, time, value ... */
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

/** The points in summaries of levels, in order. */
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
