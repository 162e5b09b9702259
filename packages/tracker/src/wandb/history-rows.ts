/**
 * @file Rows of a run's history, reassembled from points and non-numeric data.
 *
 * Keys of nested values are joined with dots (`eval.f1`). Points at steps below 0 belong to the summary, not to a row.
 */
import type { Reader, SqlRow, SqlValue } from "../database/database.ts";
import { placeholders, slicesOf } from "../database/rows.ts";
import { blockPoints, readBlock } from "../points/block.ts";
import { readChart } from "../points/chart.ts";
import { numberOf } from "../points/point.ts";
import { seriesFrom } from "../points/series.ts";
import { isObject, readLooseObject } from "./loose-json.ts";

/** `history`: logged by the program; `events`: metrics of its machine. */
export type RowKind = "history" | "events";

/** A range of steps (`to` is exclusive), and the requested keys; default: all keys. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
  readonly keys?: readonly string[] | undefined;
}

/** A row. `ms` is `null` if the row has no numbers. */
export interface HistoryRow {
  readonly step: number;
  readonly ms: number | null;
  readonly values: ReadonlyMap<string, unknown>;
}

/** Maximum values per response: about 25 MB of text. */
export const maxRowValues = 500_000;
/** Maximum keys per query. */
const maxKeys = 500;

/** Prefix of machine metrics in the store, and in clients' data. */
const systemPrefix = "system/";
const sentPrefix = "system.";

/** All steps. */
export const allSteps: RowWindow = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Rows ordered by step.
 *
 * @param most maximum number of values over all rows
 * @returns `null` if there are more
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
 * Samples rows; returns all rows if they are few. The sample follows one guiding metric and includes its spikes: the
 * one logged most often or, if keys are requested, the requested one logged least often.
 *
 * @param samples number of steps of the guiding metric to return
 * @returns `null` if they have more than `maxRowValues` values
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

/** Maximum steps to list individually; a longer series is reduced to the steps of a chart first. */
const maxListedSteps = 20_000;

/** Up to `samples` steps of a metric: those of its spikes, and others evenly spaced between them. */
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
  // A chart has up to four points per interval.
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

/** Rows without numbers for the requested keys. */
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

/** The key that guides the sampling; `null` if none of the keys has a number. */
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

/** Number of points in a series. */
function pointsIn(row: SqlRow): number {
  return Number(row["blocks"]) * blockPoints + (readBlock(String(row["open_block"]))?.count ?? 0);
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** A condition on `s.key`. */
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

/** Selects rows by a condition on `p.step`, and keys. */
interface RequestedRows extends Condition {
  readonly keys: readonly string[] | undefined;
  readonly most: number;
}

async function rowsWhere(
  reader: Reader,
  run: number,
  kind: RowKind,
  { keys, most, ...steps }: RequestedRows,
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

/** Maximum non-numeric data per response, in characters. */
const maxRestLetters = 64 * 1024 * 1024;

function shownKey(kind: RowKind, key: string): string {
  return kind === "history" ? key : sentPrefix + key.slice(systemPrefix.length);
}

/** Values nested deeper are returned unflattened. */
const maxDepth = 16;

/** Flattens an object into keys joined with dots; media and lists stay unflattened. */
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
  /** Number of logged values. */
  readonly count: number;
  readonly last: number;
}

/** The metrics of a run, and the last step of its history; -1 before the first step. */
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

/** Avoids spreading thousands of numbers as function arguments. */
function maxOf(numbers: readonly number[]): number[] {
  return numbers.length === 0 ? [] : [numbers.reduce((most, number) => Math.max(most, number))];
}
