/**
 * @file Writing points: the series they belong to, the points, and the blocks that they fill.
 *
 * Writing a batch a second time changes nothing that can be seen: a point that is there is left out, and the latest
 * point and the extremes come out the same. So a client may repeat what it is not sure has arrived.
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
 * `add` keeps every point that differs in step, time or value, as MLflow does; `replace` keeps one point a step, that
 * written last, as a resumed run wants it.
 */
type WriteMode = "add" | "replace";

/** Writes points of any runs, and what they sum up to on every level. */
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

/** Blocks of a series that are new. */
interface Growth {
  readonly series: number;
  /** Blocks that stayed as they were. */
  readonly before: number;
  readonly after: number;
  /** Whether blocks that were there are not there any more. */
  readonly isCut: boolean;
}

/** Writes points, series and blocks, without the levels above them. */
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
 * The points that are not there yet, so that a batch which comes again is counted once. What is later than all that
 * came before is new; the rest is looked up.
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

/** Two points with one name are one point; the database knows one zero. */
function nameOf({ step, ms, value }: Point): string {
  return `${step} ${ms} ${value === 0 ? 0 : value}`;
}

/** Every point is later than this one. */
const beforeAll: Point = { step: Number.MIN_SAFE_INTEGER, ms: Number.MIN_SAFE_INTEGER, value: Number.NaN };

/** What a series is before its first point. */
const nothing = { last: beforeAll, low: null, high: null, blocks: 0, open: null };

function startSeries(run: number, key: string): Series {
  return { run, key, ...nothing };
}

/** Takes points in; tells of each block that they fill. */
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

/** The series of a run by their keys, those that are there. */
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

/** Marks of one statement. */
const keysAtOnce = 256;

/** Statements differ in their number of marks alone, and that is a power of two: few are compiled. */
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
 * Drops points at the steps that come again, and sums their series up again without them.
 *
 * @returns of each series that lost points, how many of its blocks stayed
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
 * Sums a series up again where points are gone. Blocks before the first of them stay, as long as blocks hold steps in
 * their order; a resumed run that goes over its last steps again costs no more than these.
 *
 * @returns how many blocks stayed
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
  // the last step of the blocks that stay comes along: one of its points may be the latest of all
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

/** Blocks in front of a step, and their last step; none where steps of later blocks lie among theirs. */
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

/** Smallest and largest finite value of whole blocks. */
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
