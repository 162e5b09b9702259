/**
 * @file A chart of a series: a few points that represent all of it, read from the summary level of suitable resolution.
 */
import type { Reader, SqlValue } from "../database/database.ts";
import { type Block, blockPoints, pointsInBlocks, pointsOfBlock } from "./block.ts";
import { findSeries } from "./history.ts";
import { levelCounts, levelWidth, pointsInSummaries } from "./levels.ts";
import { type Point, pointFrom } from "./point.ts";
import type { StoredSeries } from "./series.ts";

/** What to plot. */
export interface ChartRequest {
  readonly axis: "step" | "ms";
  /** Number of intervals along the axis, with up to four points each. */
  readonly places: number;
  /** Range of the axis; default: all of it. */
  readonly from?: number;
  readonly to?: number;
}

/**
 * Points that represent a series: the first, last, lowest and highest of each interval along the axis, so that no spike
 * is lost. All of them are logged points.
 *
 * For a long series, the intervals are filled from summaries of neighboring points, about as many as there are
 * intervals. An interval's extreme may therefore be missing if a neighboring interval has a greater one.
 *
 * @returns in the order of the axis
 */
export async function readChart(
  reader: Reader,
  { run, key }: { readonly run: number; readonly key: string },
  request: ChartRequest,
): Promise<Point[]> {
  const series = await findSeries(reader, run, key);
  return series ? drawSeries(reader, series, request) : [];
}

/** Like `readChart`, for a series that has been read. */
export async function drawSeries(
  reader: Reader,
  series: StoredSeries,
  { axis, places, from, to }: ChartRequest,
): Promise<Point[]> {
  const range = { axis, from: from ?? Number.MIN_SAFE_INTEGER, to: to ?? Number.MAX_SAFE_INTEGER };
  const candidates = await readCandidates(reader, series, range, places);
  return thin(
    candidates.filter((point) => point[axis] >= range.from && point[axis] <= range.to),
    axis,
    places,
  );
}

/** A range of an axis, limits included. */
interface AxisRange {
  readonly axis: "step" | "ms";
  readonly from: number;
  readonly to: number;
}

/** Maximum summaries per interval. More would be finer than necessary, fewer are faster to read. */
const summariesPerPlace = 1.5;
/** Maximum points per interval when points are read directly. */
const pointsPerPlace = 16;
/** Lower limits, so that a short series is read at full resolution even for few intervals. */
const minSummaries = 64;
const minPoints = 1024;

/**
 * Candidate points for the chart. Starts at the coarsest level and descends while the summaries in the range are few.
 * If there are few enough points, the points themselves are read.
 */
async function readCandidates(
  reader: Reader,
  series: StoredSeries,
  range: AxisRange,
  places: number,
): Promise<Point[]> {
  const most = Math.max(minSummaries, Math.floor(places * summariesPerPlace));
  const counts = await levelCounts(reader, series.number, series.blocks);
  let level = counts.findLastIndex((count) => count > 0);
  if (level < 0) level = 0;
  const whole = counts[level] ?? 0;
  let found = await spanOf(reader, series.number, level, [{ from: 0, to: whole, count: whole }], range);
  while (level > 0 && found.count * levelWidth <= most) {
    const below = childrenOf(found, level, counts);
    level--;
    found = await spanOf(reader, series.number, level, below, range);
  }
  const opened = liesIn(series.open, range) ? pointsOfBlock(series.open) : [];
  const maxPoints = Math.max(minPoints, places * pointsPerPlace);
  const isShort = level === 0 && (found.count + 1) * blockPoints <= maxPoints;
  const texts = await textsOf(reader, series.number, counts, found, { ...range, level });
  const shown = [...pointsInBlocks(texts.blocks), ...pointsInSummaries(texts.levels), ...opened];
  const all = isShort ? await pointsBetween(reader, series.number, shown, 2 * maxPoints) : null;
  return all ?? shown;
}

function liesIn(block: Block | null, { axis, from, to }: AxisRange): boolean {
  if (!block) return false;
  const [low, high] = axis === "step" ? [block.first.step, block.last.step] : [block.fromMs, block.toMs];
  return high >= from && low <= to;
}

/** Rows of a level from `from` up to and excluding `to`, and the number of them in the requested range. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The child rows of some rows in the level below, and the rows there that have no parent yet. */
function childrenOf({ from, to, count }: Span, level: number, counts: readonly number[]): Span[] {
  const [summed, all] = [(counts[level] ?? 0) * levelWidth, counts[level - 1] ?? 0];
  const parts = [{ from: summed, to: all, count: 0 }];
  return count === 0 ? parts : [{ from: from * levelWidth, to: to * levelWidth, count: 0 }, ...parts];
}

const tableOf = (level: number): string => (level === 0 ? "blocks" : "levels");

/** The condition for rows that overlap the range. */
function condition(series: number, level: number, { axis, from, to }: AxisRange): [string, SqlValue[]] {
  const ofLevel = level === 0 ? "series = ?" : "series = ? AND level = ?";
  const values = level === 0 ? [series] : [series, level];
  return [`${ofLevel} AND to_${axis} >= ? AND from_${axis} <= ?`, [...values, from, to]];
}

async function spanOf(
  reader: Reader,
  number: number,
  level: number,
  parts: readonly Span[],
  range: AxisRange,
): Promise<Span> {
  const [where, values] = condition(number, level, range);
  const spans: Span[] = [];
  for (const part of parts.filter(({ from, to }) => to > from)) {
    const sql = `SELECT min(block) AS first, max(block) AS last, count(*) AS count FROM ${tableOf(level)}
      WHERE ${where} AND block >= ? AND block < ?`;
    const [row] = await reader.all(sql, ...values, part.from, part.to);
    const count = Number(row?.["count"] ?? 0);
    if (count > 0) spans.push({ from: Number(row?.["first"]), to: Number(row?.["last"]) + 1, count });
  }
  return {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
    count: spans.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Summaries of the found rows, and of rows in lower levels that have no parent yet. */
async function textsOf(
  reader: Reader,
  number: number,
  counts: readonly number[],
  { from, to, count }: Span,
  { level: top, ...range }: AxisRange & { readonly level: number },
): Promise<{ readonly blocks: string[]; readonly levels: string[] }> {
  const texts: { readonly blocks: string[]; readonly levels: string[] } = { blocks: [], levels: [] };
  for (let level = top; level >= 0; level--) {
    const [first, end] =
      level === top ? [from, to] : [(counts[level + 1] ?? 0) * levelWidth, counts[level] ?? 0];
    if (end <= first || (level === top && count === 0)) continue;
    const [where, values] = condition(number, level, range);
    const sql = `SELECT summary FROM ${tableOf(level)} WHERE ${where} AND block >= ? AND block < ? ORDER BY block`;
    const rows = await reader.all(sql, ...values, first, end);
    texts[tableOf(level) as "blocks" | "levels"].push(...rows.map((row) => String(row["summary"])));
  }
  return texts;
}

/** All points between the first and the last of some points; `null` if there are more than `most`. */
async function pointsBetween(
  reader: Reader,
  series: number,
  some: readonly Point[],
  most: number,
): Promise<Point[] | null> {
  if (some.length === 0) return [];
  const steps = some.map(({ step }) => step);
  const sql = "SELECT * FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step, ms LIMIT ?";
  const rows = await reader.all(sql, series, Math.min(...steps), Math.max(...steps), most + 1);
  return rows.length > most ? null : rows.map(pointFrom);
}

/** The points that represent each interval of the axis, without repetition; extremes are over finite values. */
function thin(points: readonly Point[], axis: "step" | "ms", places: number): Point[] {
  const ordered = [...points].sort((a, b) => a[axis] - b[axis] || a.step - b.step || a.ms - b.ms);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last || ordered.length <= places) return distinct(ordered);
  const width = (last[axis] - first[axis]) / places || 1;
  const kept: Point[] = [];
  for (let at = 0; at < ordered.length; ) {
    const place = Math.floor(((ordered[at] as Point)[axis] - first[axis]) / width);
    const start = at;
    let [lowest, highest] = [at, at];
    for (; at < ordered.length; at++) {
      const { value, [axis]: x } = ordered[at] as Point;
      if (Math.floor((x - first[axis]) / width) !== place) break;
      if (!Number.isFinite(value)) continue;
      const [least, most] = [(ordered[lowest] as Point).value, (ordered[highest] as Point).value];
      if (!(value >= least) || !Number.isFinite(least)) lowest = at;
      if (!(value <= most) || !Number.isFinite(most)) highest = at;
    }
    const shown = [...new Set([start, lowest, highest, at - 1])].sort((a, b) => a - b);
    kept.push(...shown.map((index) => ordered[index] as Point));
  }
  return distinct(kept);
}

/** Removes repeated points. A point that a client sent twice may be in two consecutive summaries. */
function distinct(ordered: readonly Point[]): Point[] {
  return ordered.filter((point, at) => {
    const before = ordered[at - 1];
    return (
      !before || before.step !== point.step || before.ms !== point.ms || !Object.is(before.value, point.value)
    );
  });
}
