/** @file A chart of a series: a few points that show the whole of it, read from the level of summaries that fits. */
import type { Reader, SqlValue } from "../database/database.ts";
import { type Block, blockPoints, pointsInBlocks, pointsOfBlock } from "./block.ts";
import { findSeries } from "./history.ts";
import { levelCounts, levelWidth, pointsInSummaries } from "./levels.ts";
import { type Point, pointFrom } from "./point.ts";
import type { StoredSeries } from "./series.ts";

/** What to draw. */
export interface ChartRequest {
  readonly axis: "step" | "ms";
  /** So many places along the axis; up to four points in each. */
  readonly places: number;
  /** Part of the axis; all of it where missing. */
  readonly from?: number;
  readonly to?: number;
}

/**
 * Points that show a series: of each place along the axis the first, the last, the lowest and the highest, so that no
 * spike is lost. All are points that were logged.
 *
 * Of a long series the places are filled from summaries of neighboring points, about as many as there are places, so
 * that an extreme may give way to a greater one of the place beside it.
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

/** The same for a series that was read. */
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

/** A part of an axis, with its ends. */
interface AxisRange {
  readonly axis: "step" | "ms";
  readonly from: number;
  readonly to: number;
}

/** Summaries of one place, at most: more of them are coarser than they need to be, fewer are quicker to read. */
const summariesPerPlace = 1.5;
/** Points of one place, at most, where points themselves are read. */
const pointsPerPlace = 16;
/** Few places are no reason to read a short series coarsely. */
const fewestSummaries = 64;
const fewestPoints = 1024;

/**
 * Points to choose from. Levels are gone down, from the coarsest with enough summaries, as long as those that lie in
 * the range are few; up to so many points, the points themselves are read.
 */
async function readCandidates(
  reader: Reader,
  series: StoredSeries,
  range: AxisRange,
  places: number,
): Promise<Point[]> {
  const most = Math.max(fewestSummaries, Math.floor(places * summariesPerPlace));
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
  const pointsMost = Math.max(fewestPoints, places * pointsPerPlace);
  const isShort = level === 0 && (found.count + 1) * blockPoints <= pointsMost;
  const texts = await textsOf(reader, series.number, counts, found, { ...range, level });
  const shown = [...pointsInBlocks(texts.blocks), ...pointsInSummaries(texts.levels), ...opened];
  const all = isShort ? await pointsBetween(reader, series.number, shown, 2 * pointsMost) : null;
  return all ?? shown;
}

function liesIn(block: Block | null, { axis, from, to }: AxisRange): boolean {
  if (!block) return false;
  const [low, high] = axis === "step" ? [block.first.step, block.last.step] : [block.fromMs, block.toMs];
  return high >= from && low <= to;
}

/** Rows of a level: from one number up to before another, and how many of them lie in the range that is asked for. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The part of a level below some rows, and what of it is not summed up by them yet. */
function childrenOf({ from, to, count }: Span, level: number, counts: readonly number[]): Span[] {
  const [summed, all] = [(counts[level] ?? 0) * levelWidth, counts[level - 1] ?? 0];
  const parts = [{ from: summed, to: all, count: 0 }];
  return count === 0 ? parts : [{ from: from * levelWidth, to: to * levelWidth, count: 0 }, ...parts];
}

const tableOf = (level: number): string => (level === 0 ? "blocks" : "levels");

/** Rows that lie in the range. */
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

/** Summaries of the rows that were found, and of what the levels below have besides. */
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

/** All points between the first and the last of some; `null` where they are more than these are expected to be. */
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

/** Of each place along the axis, what shows it, each point once; extremes are those of finite values. */
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

/** A point may stand in a block's summary and again in the next one's, where a client sent it twice. */
function distinct(ordered: readonly Point[]): Point[] {
  return ordered.filter((point, at) => {
    const before = ordered[at - 1];
    return (
      !before || before.step !== point.step || before.ms !== point.ms || !Object.is(before.value, point.value)
    );
  });
}
