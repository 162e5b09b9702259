/** @file Pages of a series' points, its latest value, and the metric keys of a run. */
import type { Reader } from "../database/database.ts";
import { type Point, pointFrom } from "./point.ts";
import { type StoredSeries, seriesFrom } from "./series.ts";

/** The last point of a page, after which the next page continues. */
export type After = Point | null;

/** Points ordered by step, then time, then value. */
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

/** Maximum number of points with the same step and time that paging supports. */
const maxSameInstant = 1000;

/** The latest value of a series; `null` if the series does not exist. */
export async function readLatest(reader: Reader, run: number, key: string): Promise<number | null> {
  return (await findSeries(reader, run, key))?.last.value ?? null;
}

/** The series of a run and a key, or `null`. */
export async function findSeries(reader: Reader, run: number, key: string): Promise<StoredSeries | null> {
  const [row] = await reader.all("SELECT * FROM series WHERE run = ? AND key = ?", run, key);
  return row ? seriesFrom(row) : null;
}

/** Keys of a run's metrics, sorted. */
export async function readKeys(reader: Reader, run: number): Promise<string[]> {
  return (await reader.all("SELECT key FROM series WHERE run = ? ORDER BY key", run)).map((row) =>
    String(row["key"]),
  );
}
