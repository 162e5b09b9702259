/**
 * @file Writes points, the series they belong to, and the blocks they fill.
 *
 * Writing a batch again has no effect: existing points are skipped, and the latest point and the extremes stay the
 * same. Clients may therefore repeat a batch if they are not sure that it has arrived.
 */
import type { SqlRow, SqlValue, Target, Transaction } from "../database/database.ts";
import { numberOrNull, placeholders, readAmong } from "../database/rows.ts";
import { type Block, blockPoints, blockText, pointsInBlocks, withPoint } from "./block.ts";
import { countAt, cutLevels, growLevels } from "./levels.ts";
import { isLater, numberColumns, type Point, pointFrom, type RunPoint } from "./point.ts";
import {
  bindable,
  type Series,
  type StoredSeries,
  seriesConflict,
  seriesFrom,
  seriesRow,
  seriesTarget,
} from "./series.ts";

const pointTarget: Target = {
  table: "points",
  columns: { series: "integer", step: "integer", ms: "integer", value: "real", special: "text" },
};

const blockTarget: Target = {
  table: "blocks",
  columns: {
    series: "integer",
    block: "integer",
    from_step: "integer",
    to_step: "integer",
    from_ms: "integer",
    to_ms: "integer",
    summary: "text",
  },
};

/**
 * `add` keeps all points that differ in step, time or value, as MLflow does. `replace` keeps one point per step, the
 * last one written, for runs that resume.
 */
type WriteMode = "add" | "replace";

/** Writes points of any runs, and updates the summaries on every level. */
export async function writePoints(
  transaction: Transaction,
  points: readonly RunPoint[],
  mode: WriteMode = "add",
): Promise<void> {
  for (const { series, before, after, isCut } of await writeSeries(transaction, points, mode)) {
    if (isCut) await cutLevels(transaction, series, before);
    if (isCut || countAt(1, after) > countAt(1, before)) await growLevels(transaction, series, after);
  }
}

/** Change in the number of a series' blocks. */
interface Growth {
  readonly series: number;
  /** Number of blocks that were left unchanged. */
  readonly before: number;
  readonly after: number;
  /** Whether existing blocks were removed. */
  readonly isCut: boolean;
}

/** Writes points, series and blocks, but not the levels above them. */
export async function writeSeries(
  transaction: Transaction,
  points: readonly RunPoint[],
  mode: WriteMode = "add",
): Promise<Growth[]> {
  const grown: Growth[] = [];
  for (const [run, own] of groupBy(points, ({ run }) => run)) {
    const byKey = groupBy(own, ({ key }) => key);
    if (mode === "replace") for (const [key, items] of byKey) byKey.set(key, lastOfEachStep(items));
    const keys = [...byKey.keys()];
    const found = await findSeries(transaction, run, keys);
    const before = new Map([...found].map(([key, { blocks }]) => [key, blocks]));
    const cut = mode === "replace" ? await dropSteps(transaction, found, byKey) : new Map<string, number>();
    if (mode === "add") {
      for (const [key, items] of byKey)
        byKey.set(key, await takeNew(transaction, found.get(key) ?? null, items));
    }
    const full: { readonly key: string; readonly block: Block; readonly at: number }[] = [];
    const all = [...byKey].map(([key, items]) =>
      advance(found.get(key) ?? startSeries(run, key), items, (block, at) => full.push({ key, block, at })),
    );
    await transaction.insert(seriesTarget, all.map(seriesRow), seriesConflict);
    const numbers = new Map([...found].map(([key, { number }]) => [key, number]));
    const fresh = keys.filter((key) => !numbers.has(key));
    for (const [key, { number }] of await findSeries(transaction, run, fresh)) numbers.set(key, number);
    const numberOf = (key: string): number => numbers.get(key) as number;
    const rows = [...byKey.values()].flatMap((items) =>
      items.map(({ key, step, ms, value }) => [numberOf(key), step, ms, ...numberColumns(value)]),
    );
    await transaction.insert(pointTarget, rows, "ON CONFLICT DO NOTHING");
    await transaction.insert(
      blockTarget,
      full.map(({ key, block, at }) => blockRow(numberOf(key), at, block)),
    );
    for (const { key, blocks: after } of all) {
      const kept = cut.get(key) ?? before.get(key) ?? 0;
      if (after > kept || cut.has(key))
        grown.push({ series: numberOf(key), before: kept, after, isCut: cut.has(key) });
    }
  }
  return grown;
}

/**
 * The points that do not exist yet, so that a repeated batch counts once. Points later than all earlier ones are new;
 * only the others are looked up.
 */
async function takeNew(
  transaction: Transaction,
  series: StoredSeries | null,
  items: readonly RunPoint[],
): Promise<RunPoint[]> {
  let end: Point = series?.last ?? beforeAll;
  const isFresh = items.map((point) => {
    const isNew = isBehind(point, end);
    if (isNew) end = point;
    return isNew;
  });
  const late = items.filter((_, at) => !isFresh[at]);
  if (late.length === 0) return [...items];
  const rows = series
    ? await readAmong(
        transaction,
        [...new Set(late.map(({ step }) => step))],
        (among) => `SELECT * FROM points WHERE series = ? AND step IN (${among})`,
        [series.number],
      )
    : [];
  const there = new Set(rows.map((row) => nameOf(pointFrom(row))));
  return items.filter((point) => {
    const name = nameOf(point);
    if (there.has(name)) return false;
    there.add(name);
    return true;
  });
}

function isBehind(a: Point, b: Point): boolean {
  return a.step > b.step || (a.step === b.step && a.ms > b.ms);
}

/** Points with the same name are equal. Databases do not distinguish 0 and -0. */
function nameOf({ step, ms, value }: Point): string {
  return `${step} ${ms} ${value === 0 ? 0 : value}`;
}

/** Earlier than every point. */
const beforeAll: Point = { step: Number.MIN_SAFE_INTEGER, ms: Number.MIN_SAFE_INTEGER, value: Number.NaN };

/** State of a series before its first point. */
const nothing = { last: beforeAll, low: null, high: null, blocks: 0, open: null };

function startSeries(run: number, key: string): Series {
  return { run, key, ...nothing };
}

/** Adds points to a series, and calls `onFull` for each block that they fill. */
function advance(
  series: Series,
  items: readonly Point[],
  onFull: (block: Block, at: number) => void,
): Series {
  for (const point of items) {
    if (isLater(point, series.last)) series.last = point;
    if (Number.isFinite(point.value)) {
      series.low = Math.min(series.low ?? point.value, point.value);
      series.high = Math.max(series.high ?? point.value, point.value);
    }
    series.open = withPoint(series.open, point);
    if (series.open.count < blockPoints) continue;
    onFull(series.open, series.blocks++);
    series.open = null;
  }
  return series;
}

function blockRow(series: number, at: number, block: Block): SqlValue[] {
  const { first, last, fromMs, toMs } = block;
  return [series, at, first.step, last.step, fromMs, toMs, blockText(block)];
}

/** The existing series of a run, by key. */
async function findSeries(
  transaction: Transaction,
  run: number,
  keys: readonly string[],
): Promise<Map<string, StoredSeries>> {
  const found = new Map<string, StoredSeries>();
  for (let from = 0; from < keys.length; from += keysAtOnce) {
    const some = keys.slice(from, from + keysAtOnce);
    for (const row of await selectSeries(transaction, run, some)) {
      const series = seriesFrom(row);
      found.set(series.key, series);
    }
  }
  return found;
}

/** Keys per statement. */
const keysAtOnce = 256;

/** Pads the number of placeholders to a power of two, so that there are few distinct statements to compile. */
async function selectSeries(
  transaction: Transaction,
  run: number,
  keys: readonly string[],
): Promise<SqlRow[]> {
  const count = 2 ** Math.ceil(Math.log2(keys.length));
  const padded = Array.from({ length: count }, (_, at) => keys[at] ?? keys[0] ?? "");
  const sql = `SELECT * FROM series WHERE run = ? AND key IN (${placeholders(padded)})`;
  return transaction.all(sql, run, ...padded);
}

/**
 * Deletes points at the steps that are written again, and recomputes their series without them.
 *
 * @returns for each series that lost points, the number of its blocks that remain
 */
async function dropSteps(
  transaction: Transaction,
  found: ReadonlyMap<string, StoredSeries>,
  byKey: ReadonlyMap<string, readonly Point[]>,
): Promise<Map<string, number>> {
  const cut = new Map<string, number>();
  for (const [key, series] of found) {
    const dropped: Point[] = [];
    for (const step of new Set(byKey.get(key)?.map((point) => point.step))) {
      const sql = "DELETE FROM points WHERE series = ? AND step = ? RETURNING step, ms, value, special";
      dropped.push(...(await transaction.all(sql, series.number, step)).map(pointFrom));
    }
    if (dropped.length > 0) cut.set(key, await sumUpAgain(transaction, series, dropped));
  }
  return cut;
}

function lastOfEachStep(items: readonly RunPoint[]): RunPoint[] {
  return [...new Map(items.map((point) => [point.step, point])).values()];
}

/**
 * Recomputes a series after points were deleted. Blocks before the first deleted point remain, provided that blocks are
 * ordered by step. For a resumed run that repeats its last steps, the cost is limited to these steps.
 *
 * @returns number of blocks that remain
 */
async function sumUpAgain(
  transaction: Transaction,
  series: StoredSeries,
  dropped: readonly Point[],
): Promise<number> {
  const { number } = series;
  const { kept, toStep } = await keptBlocks(
    transaction,
    series,
    Math.min(...dropped.map(({ step }) => step)),
  );
  await transaction.run("DELETE FROM blocks WHERE series = ? AND block >= ?", number, kept);
  // Includes the last step of the remaining blocks, because one of its points may be the latest of the series.
  const rows = await transaction.all(
    "SELECT * FROM points WHERE series = ? AND step >= ? ORDER BY step, ms",
    ...[number, toStep],
  );
  const points = rows.map(pointFrom);
  const { low, high } = series;
  const isExtreme = dropped.some(({ value }) => bindable(value) === low || bindable(value) === high);
  Object.assign(series, nothing, { blocks: kept });
  if (kept > 0)
    Object.assign(series, isExtreme ? await extremesOfBlocks(transaction, number) : { low, high });
  for (const point of points) {
    if (kept > 0 && point.step === toStep && isLater(point, series.last)) series.last = point;
  }
  const full: SqlValue[][] = [];
  const open = kept > 0 ? points.filter(({ step }) => step > toStep) : points;
  advance(series, open, (block, at) => full.push(blockRow(number, at, block)));
  await transaction.insert(blockTarget, full);
  return kept;
}

/** Number of blocks before a step, and their last step; none if the steps of later blocks overlap them. */
async function keptBlocks(
  transaction: Transaction,
  { number, blocks, open }: StoredSeries,
  step: number,
): Promise<{ readonly kept: number; readonly toStep: number }> {
  const none = { kept: 0, toStep: Number.MIN_SAFE_INTEGER };
  const [first] = await transaction.all(
    "SELECT min(block) AS block FROM blocks WHERE series = ? AND to_step >= ?",
    ...[number, step],
  );
  const kept = (first && numberOrNull(first, "block")) ?? blocks;
  const [ends] = await transaction.all(
    `SELECT (SELECT max(to_step) FROM blocks WHERE series = ? AND block < ?) AS before,
       (SELECT min(from_step) FROM blocks WHERE series = ? AND block >= ?) AS behind`,
    ...[number, kept, number, kept],
  );
  const toStep = ends ? numberOrNull(ends, "before") : null;
  if (toStep === null) return none;
  const behind = Math.min((ends && numberOrNull(ends, "behind")) ?? Infinity, open?.first.step ?? Infinity);
  return behind > toStep ? { kept, toStep } : none;
}

/** Smallest and largest finite value in the full blocks. */
async function extremesOfBlocks(
  transaction: Transaction,
  series: number,
): Promise<Pick<Series, "low" | "high">> {
  const rows = await transaction.all("SELECT summary FROM blocks WHERE series = ?", series);
  let [low, high]: (number | null)[] = [null, null];
  for (const { value } of pointsInBlocks(rows.map((row) => String(row["summary"])))) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low ?? value, value);
    high = Math.max(high ?? value, value);
  }
  return { low: low ?? null, high: high ?? null };
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
