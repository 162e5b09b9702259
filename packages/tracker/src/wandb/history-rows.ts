/**
 * @file Rows of a run's history as its client logged them, put together again from points and from what is no number.
 *
 * Keys of nested values have dots (`eval.f1`). A point at a step below 0 belongs to no row: it is a value of the
 * summary.
 */
import type { Reader, SqlRow, SqlValue } from "../database/database.ts";
import { placeholders, slicesOf } from "../database/rows.ts";
import { blockPoints, readBlock } from "../points/block.ts";
import { readChart } from "../points/chart.ts";
import { numberOf } from "../points/point.ts";
import { seriesFrom } from "../points/series.ts";
import { isObject, readLooseObject } from "./loose-json.ts";

/** What rows are about: what the program logged, or what was measured of its machine. */
export type RowKind = "history" | "events";

/** Steps from the first up to but not including the last, and the keys that are wanted; without keys: all. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
  readonly keys?: readonly string[] | undefined;
}

/** A row. `ms` is missing where nothing in it is a number. */
export interface HistoryRow {
  readonly step: number;
  readonly ms: number | null;
  readonly values: ReadonlyMap<string, unknown>;
}

/** Values of one answer: some 25 MB of text. */
export const maxRowValues = 500_000;
/** Keys of one question. */
const maxKeys = 500;

/** Prefix of the machine's keys in the store, and in what clients send. */
const systemPrefix = "system/";
const sentPrefix = "system.";

/** All steps. */
export const allSteps: RowWindow = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Rows in the order of their steps.
 *
 * @param most values of all rows together
 * @returns `null` where they have more
 */
export async function readRows(
  reader: Reader,
  run: number,
  kind: RowKind,
  window: RowWindow,
  most: number = maxRowValues,
): Promise<HistoryRow[] | null> {
  const steps = { sql: "p.step >= ? AND p.step < ?", values: [window.from, window.to] };
  return rowsWhere(reader, run, kind, { ...steps, keys: window.keys, most });
}

/**
 * Some of the rows: all of them where they are few, and otherwise those that show the metric that was logged most
 * often (of the wanted ones the one that was logged most seldom), with its spikes.
 *
 * @param samples how many, of those that the guiding metric has
 * @returns `null` where they have more than `maxRowValues` values
 */
export async function sampleRows(
  reader: Reader,
  run: { readonly number: number; readonly rows: number },
  kind: RowKind,
  window: RowWindow,
  samples: number,
): Promise<HistoryRow[] | null> {
  const { number } = run;
  if (window.to - window.from <= samples || run.rows <= samples)
    return readRows(reader, number, kind, window);
  const guide = await guideOf(reader, number, kind, window.keys);
  if (guide === null) return restSample(reader, number, kind, window, samples);
  const some = await sampleSteps(reader, { run: number, key: guide }, window, samples);
  const rows: HistoryRow[] = [];
  let values = 0;
  for (const slice of slicesOf(some)) {
    const steps = { sql: `p.step IN (${placeholders(slice)})`, values: slice };
    const asked = { ...steps, keys: window.keys, most: maxRowValues };
    const part = await rowsWhere(reader, number, kind, asked);
    values += part?.reduce((sum, row) => sum + row.values.size, 0) ?? maxRowValues;
    if (part === null || values > maxRowValues) return null;
    rows.push(...part);
  }
  return rows;
}

/** Steps that are thinned one by one; of more, those of a chart are. */
const maxListedSteps = 20_000;

/** As many of a metric's steps as are wanted, or all: those of its spikes, and between them others at even distances. */
async function sampleSteps(
  reader: Reader,
  of: { readonly run: number; readonly key: string },
  { from, to }: RowWindow,
  samples: number,
): Promise<number[]> {
  const charted = async (places: number): Promise<Set<number>> => {
    const points = await readChart(reader, of, { axis: "step", from, to: to - 1, places });
    return new Set(points.map(({ step }) => step));
  };
  const listed = await reader.all(
    `SELECT DISTINCT p.step FROM series s JOIN points p ON p.series = s.number
     WHERE s.run = ? AND s.key = ? AND p.step >= ? AND p.step < ? ORDER BY p.step LIMIT ?`,
    ...[of.run, of.key, from, to, maxListedSteps + 1],
  );
  const all =
    listed.length > maxListedSteps ? await charted(samples) : listed.map(({ step }) => Number(step));
  const steps = [...new Set(all)];
  if (steps.length <= samples) return steps.sort((a, b) => a - b);
  // Up to four points stand for a place.
  const places = Math.floor(samples / 4);
  const spikes = places > 0 ? await charted(places) : new Set<number>();
  const others = steps.filter((step) => !spikes.has(step)).sort((a, b) => a - b);
  const wanted = samples - spikes.size;
  const between = Array.from(
    { length: wanted },
    (_, at) => others[Math.floor((at * others.length) / wanted)],
  );
  return [...spikes, ...between].filter((step) => step !== undefined).sort((a, b) => a - b);
}

/** Rows without a number of the wanted keys. */
async function restSample(
  reader: Reader,
  run: number,
  kind: RowKind,
  { from, to, keys }: RowWindow,
  samples: number,
): Promise<HistoryRow[] | null> {
  const rows = await reader.all(
    `SELECT step FROM wandb_rows WHERE run = ? AND kind = ? AND step >= ? AND step < ? ORDER BY step LIMIT ?`,
    ...[run, kind, from, to, samples],
  );
  const last = rows.at(-1);
  return last ? readRows(reader, run, kind, { from, to: Number(last["step"]) + 1, keys }) : [];
}

/** The key whose steps are taken; `null` where none of the keys has a number. */
async function guideOf(
  reader: Reader,
  run: number,
  kind: RowKind,
  keys: readonly string[] | undefined,
): Promise<string | null> {
  const wanted = keyCondition(kind, keys);
  const rows = await reader.all(
    `SELECT s.key, s.blocks, s.open_block FROM series s WHERE s.run = ? AND s.last_step >= 0 AND ${wanted.sql}
     ORDER BY s.key`,
    ...[run, ...wanted.values],
  );
  const counted = rows.map((row) => ({ key: String(row["key"]), count: pointsIn(row) }));
  const better = keys ? (a: number, b: number) => a < b : (a: number, b: number) => a > b;
  return (
    counted.reduce<(typeof counted)[number] | null>(
      (best, item) => (best === null || better(item.count, best.count) ? item : best),
      null,
    )?.key ?? null
  );
}

/** How many points a series has. */
function pointsIn(row: SqlRow): number {
  return Number(row["blocks"]) * blockPoints + (readBlock(String(row["open_block"]))?.count ?? 0);
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** On `s.key`. */
function keyCondition(kind: RowKind, keys: readonly string[] | undefined): Condition {
  const isSystem = `substr(s.key, 1, ${systemPrefix.length}) ${kind === "events" ? "=" : "<>"} '${systemPrefix}'`;
  if (!keys) return { sql: isSystem, values: [] };
  const stored = keys.slice(0, maxKeys).map((key) => storedKey(kind, key));
  if (stored.length === 0) return { sql: "1 = 0", values: [] };
  return { sql: `${isSystem} AND s.key IN (${placeholders(stored)})`, values: stored };
}

function storedKey(kind: RowKind, key: string): string {
  if (kind === "history") return key;
  return systemPrefix + (key.startsWith(sentPrefix) ? key.slice(sentPrefix.length) : key);
}

/** Which rows: a condition on `p.step`, and keys. */
interface AskedRows extends Condition {
  readonly keys: readonly string[] | undefined;
  readonly most: number;
}

async function rowsWhere(
  reader: Reader,
  run: number,
  kind: RowKind,
  { keys, most, ...steps }: AskedRows,
): Promise<HistoryRow[] | null> {
  const wanted = keyCondition(kind, keys);
  const points = await reader.all(
    `SELECT s.key, p.step, p.ms, p.value, p.special FROM series s JOIN points p ON p.series = s.number
     WHERE s.run = ? AND ${wanted.sql} AND p.step >= 0 AND ${steps.sql} LIMIT ?`,
    ...[run, ...wanted.values, ...steps.values, most + 1],
  );
  if (points.length > most) return null;
  const rows = new Map<number, { step: number; ms: number | null; values: Map<string, unknown> }>();
  const rowAt = (step: number) => {
    const row = rows.get(step) ?? { step, ms: null, values: new Map<string, unknown>() };
    rows.set(step, row);
    return row;
  };
  for (const point of points) {
    const row = rowAt(Number(point["step"]));
    row.ms = Math.max(row.ms ?? 0, Number(point["ms"]));
    row.values.set(shownKey(kind, String(point["key"])), numberOf(point));
  }
  const rests = await reader.all(
    `SELECT p.step, p.content FROM wandb_rows p WHERE p.run = ? AND p.kind = ? AND ${steps.sql} ORDER BY p.line LIMIT ?`,
    ...[run, kind, ...steps.values, maxRowValues],
  );
  const names = keys && new Set(keys);
  let letters = 0;
  for (const { step, content } of rests) {
    letters += String(content).length;
    if (letters > maxRestLetters) return null;
    for (const [key, value] of flatEntries(readLooseObject(String(content)) ?? {}))
      if (!names || names.has(key)) rowAt(Number(step)).values.set(key, value);
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

/** What is no number, in one answer. */
const maxRestLetters = 64 * 1024 * 1024;

function shownKey(kind: RowKind, key: string): string {
  return kind === "history" ? key : sentPrefix + key.slice(systemPrefix.length);
}

/** Deeper values stay whole. */
const maxDepth = 16;

/** Values of an object under keys with dots; media and lists stay whole. */
export function* flatEntries(
  object: Readonly<Record<string, unknown>>,
  prefix = "",
  depth = 0,
): Generator<[key: string, value: unknown]> {
  for (const [name, value] of Object.entries(object)) {
    const key = prefix + name;
    const isNested = isObject(value) && value["_type"] === undefined && Object.keys(value).length > 0;
    if (isNested && depth < maxDepth) yield* flatEntries(value, `${key}.`, depth + 1);
    else yield [key, value];
  }
}

/** A metric of a run. */
export interface HistoryKey {
  readonly key: string;
  /** How often it was logged. */
  readonly count: number;
  readonly last: number;
}

/** The metrics of a run, and the last step of its history, -1 before the first. */
export async function readHistoryKeys(
  reader: Reader,
  run: number,
  kind: RowKind,
): Promise<{ readonly keys: HistoryKey[]; readonly lastStep: number }> {
  const wanted = keyCondition(kind, undefined);
  const sql = `SELECT s.* FROM series s WHERE s.run = ? AND s.last_step >= 0 AND ${wanted.sql} ORDER BY s.key`;
  const series = (await reader.all(sql, run)).map(seriesFrom);
  const [rest] = await reader.all(
    "SELECT max(step) AS step FROM wandb_rows WHERE run = ? AND kind = ?",
    run,
    kind,
  );
  const steps = series.map(({ last }) => last.step);
  return {
    keys: series.map(({ key, last, blocks, open }) => ({
      key: shownKey(kind, key),
      count: blocks * blockPoints + (open?.count ?? 0),
      last: last.value,
    })),
    lastStep: Math.max(...[-1, Number((rest as SqlRow | undefined)?.["step"] ?? -1)], ...maxOf(steps)),
  };
}

/** Of thousands of numbers, which no call takes as its arguments. */
function maxOf(numbers: readonly number[]): number[] {
  return numbers.length === 0 ? [] : [numbers.reduce((most, number) => Math.max(most, number))];
}
