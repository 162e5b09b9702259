/** @file The points of a series: page by page, or a few that show the whole. */
import type { Reader } from "../database/database.ts";
import { pointsInBlocks, pointsOfBlock } from "./block.ts";
import { type Point, pointFrom } from "./point.ts";
import { seriesFrom } from "./series.ts";

/** Where a page ends: the next one begins behind it. */
export type After = Point | null;

/** Points by step, then time, then value. */
export async function readPoints(
  reader: Reader,
  { run, key }: { readonly run: number; readonly key: string },
  { limit, after }: { readonly limit: number; readonly after: After },
): Promise<Point[]> {
  const series = await findSeries(reader, run, key);
  if (!series) return [];
  const sql = "SELECT * FROM points WHERE series = ?";
  const order = "ORDER BY step, ms, value, special LIMIT ?";
  if (!after) return (await reader.all(`${sql} ${order}`, series.number, limit)).map(pointFrom);
  const { step, ms } = after;
  const rows = await reader.all(
    `${sql} AND (step, ms) >= (?, ?) ${order}`,
    series.number,
    step,
    ms,
    limit + maxSameInstant,
  );
  const points = rows.map(pointFrom);
  const at = points.findIndex(
    (point) => point.step === step && point.ms === ms && Object.is(point.value, after.value),
  );
  return points.slice(at + 1, at + 1 + limit);
}

/** Points at one step and instant: more would be a client that logs noise. */
const maxSameInstant = 1000;

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
 * @returns in the order of the axis
 */
export async function readChart(
  reader: Reader,
  { run, key }: { readonly run: number; readonly key: string },
  { axis, places, from, to }: ChartRequest,
): Promise<Point[]> {
  const series = await findSeries(reader, run, key);
  if (!series) return [];
  const [low, high] = [from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER];
  const rows = await reader.all(
    `SELECT summary FROM blocks WHERE series = ? AND to_${axis} >= ? AND from_${axis} <= ?`,
    ...[series.number, low, high],
  );
  const shown = pointsInBlocks(rows.map((row) => String(row["summary"]))).concat(pointsOfBlock(series.open));
  const candidates =
    rows.length > blocksReadWhole ? shown : await pointsBetween(reader, series.number, shown);
  return thin(
    candidates.filter((point) => point[axis] >= low && point[axis] <= high),
    axis,
    places,
  );
}

/** Up to so many blocks, their points themselves are read. */
const blocksReadWhole = 256;

/** The latest value of a series; `null` where there is none. */
export async function readLatest(reader: Reader, run: number, key: string): Promise<number | null> {
  return (await findSeries(reader, run, key))?.last.value ?? null;
}

async function findSeries(
  reader: Reader,
  run: number,
  key: string,
): Promise<ReturnType<typeof seriesFrom> | null> {
  const [row] = await reader.all("SELECT * FROM series WHERE run = ? AND key = ?", run, key);
  return row ? seriesFrom(row) : null;
}

/** All points between the first and the last of some. */
async function pointsBetween(reader: Reader, series: number, some: readonly Point[]): Promise<Point[]> {
  if (some.length === 0) return [];
  const steps = some.map(({ step }) => step);
  const sql = "SELECT * FROM points WHERE series = ? AND step BETWEEN ? AND ? ORDER BY step, ms";
  return (await reader.all(sql, series, Math.min(...steps), Math.max(...steps))).map(pointFrom);
}

/** Of each place along the axis, what shows it; each point once. */
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
      if (value < (ordered[lowest] as Point).value || Number.isNaN((ordered[lowest] as Point).value))
        lowest = at;
      if (value > (ordered[highest] as Point).value || Number.isNaN((ordered[highest] as Point).value))
        highest = at;
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

/** Keys of a run's metrics, sorted. */
export async function readKeys(reader: Reader, run: number): Promise<string[]> {
  return (await reader.all("SELECT key FROM series WHERE run = ? ORDER BY key", run)).map((row) =>
    String(row["key"]),
  );
}
