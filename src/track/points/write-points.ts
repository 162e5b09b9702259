/**
 * @file Writing points: the series they belong to, the points, and the blocks that they fill.
 *
 * Writing a batch a second time changes nothing that can be seen: a point that is there is left out, and the latest
 * point and the extremes come out the same. So a client may repeat what it is not sure has arrived.
 */
import type { SqlRow, SqlValue, Target, Transaction } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { type Block, blockPoints, blockText, withPoint } from "./block.ts";
import { isLater, numberColumns, type Point, pointFrom, type RunPoint } from "./point.ts";
import { type Series, seriesConflict, seriesFrom, seriesRow, seriesTarget } from "./series.ts";

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
 * Writes points of any runs.
 *
 * @param mode `add` keeps every point that differs in step, time or value, as MLflow does; `replace` keeps one point a
 *   step, the one written last, as a resumed run wants it
 */
export async function writePoints(
  transaction: Transaction,
  points: readonly RunPoint[],
  mode: "add" | "replace" = "add",
): Promise<void> {
  for (const [run, own] of groupBy(points, ({ run }) => run)) {
    const byKey = groupBy(own, ({ key }) => key);
    if (mode === "replace") for (const [key, items] of byKey) byKey.set(key, lastOfEachStep(items));
    const keys = [...byKey.keys()];
    const found = await findSeries(transaction, run, keys);
    if (mode === "replace") await dropSteps(transaction, found, byKey);
    const full: { readonly key: string; readonly block: Block; readonly at: number }[] = [];
    const changed = [...byKey].map(([key, items]) => {
      const series = advance(found.get(key) ?? startSeries(run, key), items, (block, at) =>
        full.push({ key, block, at }),
      );
      return seriesRow(series);
    });
    await transaction.insert(seriesTarget, changed, seriesConflict);
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
  }
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
): Promise<Map<string, Series & { readonly number: number }>> {
  const found = new Map<string, Series & { readonly number: number }>();
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

/** Drops points at the steps that come again, and sums their series up again without them. */
async function dropSteps(
  transaction: Transaction,
  found: ReadonlyMap<string, Series & { readonly number: number }>,
  byKey: ReadonlyMap<string, readonly Point[]>,
): Promise<void> {
  for (const [key, series] of found) {
    let dropped = 0;
    for (const step of new Set(byKey.get(key)?.map((point) => point.step))) {
      dropped += await transaction.run(
        "DELETE FROM points WHERE series = ? AND step = ?",
        series.number,
        step,
      );
    }
    if (dropped > 0) await rebuildSummary(transaction, series);
  }
}

function lastOfEachStep(items: readonly RunPoint[]): RunPoint[] {
  return [...new Map(items.map((point) => [point.step, point])).values()];
}

async function rebuildSummary(
  transaction: Transaction,
  series: Series & { readonly number: number },
): Promise<void> {
  await transaction.run("DELETE FROM blocks WHERE series = ?", series.number);
  const rows = await transaction.all(
    "SELECT * FROM points WHERE series = ? ORDER BY step, ms",
    series.number,
  );
  const points = rows.map(pointFrom);
  Object.assign(series, nothing);
  const full: SqlValue[][] = [];
  advance(series, points, (block, at) => full.push(blockRow(series.number, at, block)));
  await transaction.insert(blockTarget, full);
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
