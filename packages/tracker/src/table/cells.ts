/** @file Cells of a page of runs, column by column. Reads only what the page shows. */
import type { Reader, SqlRow } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { numberOf } from "../points/point.ts";
import { attributeSources, type ColumnKind, factTables, kindOfColumn, type TableColumn } from "./column.ts";
import { readSparklines } from "./sparkline.ts";

/** A cell; `null` if the run has no value. */
export type Cell = string | number | readonly number[] | null;

/** Cells of one column, one for each run. */
export interface TableCells {
  readonly kind: ColumnKind;
  readonly values: readonly Cell[];
  /** Positions of texts that are truncated in their cells. */
  readonly cut: readonly number[];
}

/** Maximum characters of a text in a cell. */
export const cellLetters = 300;

/** Cells of columns, for runs by their numbers, in the order of both. */
export async function readCells(
  reader: Reader,
  numbers: readonly number[],
  columns: readonly TableColumn[],
): Promise<TableCells[]> {
  const places = new Map(numbers.map((number, at) => [number, at]));
  const filled = columns.map((column) => ({
    kind: kindOfColumn(column),
    values: new Array<Cell>(numbers.length).fill(null),
    cut: [] as number[],
  }));
  if (numbers.length === 0) return filled;
  await fillAttributes(reader, places, columns, filled);
  await fillMetrics(reader, places, columns, filled);
  for (const of of ["param", "tag"] as const) await fillFacts(reader, places, { of, columns, filled });
  for (const [at, column] of columns.entries()) {
    if (column.of !== "curve") continue;
    for (const [number, values] of await readSparklines(reader, numbers, column.key)) {
      put(filled[at], places.get(number), values);
    }
  }
  return filled;
}

type Places = ReadonlyMap<number, number>;
interface Filled {
  readonly values: Cell[];
  readonly cut: number[];
}

function put(column: Filled | undefined, place: number | undefined, value: Cell, isCut = false): void {
  if (!column || place === undefined) return;
  column.values[place] = value;
  if (isCut) column.cut.push(place);
}

/** Attribute columns per statement; each text takes two result columns. */
const attributesAtOnce = 20;

async function fillAttributes(
  reader: Reader,
  places: Places,
  columns: readonly TableColumn[],
  filled: readonly Filled[],
): Promise<void> {
  const asked = columns.flatMap((column, at) =>
    column.of === "attribute" ? [{ ...attributeSources[column.name], at }] : [],
  );
  for (let from = 0; from < asked.length; from += attributesAtOnce) {
    const some = asked.slice(from, from + attributesAtOnce);
    const list = some.map(({ sql, kind, at }) =>
      kind === "text"
        ? `substr(${sql}, 1, ${cellLetters}) AS a${at}, length(${sql}) AS l${at}`
        : `${sql} AS a${at}`,
    );
    const rows = await readOf(
      reader,
      places,
      (among) => `SELECT runs.number AS run, ${list.join(", ")} FROM runs WHERE runs.number IN (${among})`,
    );
    for (const row of rows) {
      for (const { kind, at } of some) {
        const value = row[`a${at}`] ?? null;
        const cell = value === null ? null : kind === "text" ? String(value) : Number(value);
        put(filled[at], places.get(Number(row["run"])), cell, Number(row[`l${at}`] ?? 0) > cellLetters);
      }
    }
  }
}

async function fillMetrics(
  reader: Reader,
  places: Places,
  columns: readonly TableColumn[],
  filled: readonly Filled[],
): Promise<void> {
  const keys = placesOfKeys(columns, "metric");
  if (keys.size === 0) return;
  const rows = await readOf(
    reader,
    places,
    (among) => `SELECT run, key, last_value, last_special FROM series
      WHERE run IN (${among}) AND key IN (${placeholders([...keys])})`,
    [...keys.keys()],
  );
  for (const row of rows) {
    for (const at of keys.get(String(row["key"])) ?? []) {
      put(filled[at], places.get(Number(row["run"])), numberOf(row, "last_value", "last_special"));
    }
  }
}

async function fillFacts(
  reader: Reader,
  places: Places,
  {
    of,
    columns,
    filled,
  }: {
    readonly of: keyof typeof factTables;
    readonly columns: readonly TableColumn[];
    readonly filled: readonly Filled[];
  },
): Promise<void> {
  const keys = placesOfKeys(columns, of);
  if (keys.size === 0) return;
  const rows = await readOf(
    reader,
    places,
    (among) => `SELECT run, key, substr(value, 1, ${cellLetters}) AS value, length(value) AS letters
      FROM ${factTables[of]} WHERE run IN (${among}) AND key IN (${placeholders([...keys])})`,
    [...keys.keys()],
  );
  for (const row of rows) {
    for (const at of keys.get(String(row["key"])) ?? []) {
      put(
        filled[at],
        places.get(Number(row["run"])),
        String(row["value"]),
        Number(row["letters"]) > cellLetters,
      );
    }
  }
}

/** Positions of the columns with a key; a client may request a column twice. */
function placesOfKeys(
  columns: readonly TableColumn[],
  of: "metric" | "param" | "tag",
): Map<string, number[]> {
  const keys = new Map<string, number[]>();
  for (const [at, column] of columns.entries()) {
    if (column.of !== of) continue;
    keys.set(column.key, [...(keys.get(column.key) ?? []), at]);
  }
  return keys;
}

/** Runs per statement. Always padded to this number, so that there are few distinct statements to compile. */
const runsAtOnce = 64;

async function readOf(
  reader: Reader,
  places: Places,
  sql: (among: string) => string,
  after: readonly string[] = [],
): Promise<SqlRow[]> {
  const numbers = [...places.keys()];
  const rows: SqlRow[][] = [];
  for (let from = 0; from < numbers.length; from += runsAtOnce) {
    const some = numbers.slice(from, from + runsAtOnce);
    const padded = Array.from({ length: runsAtOnce }, (_, at) => some[at] ?? some[0] ?? 0);
    rows.push(await reader.all(sql(placeholders(padded)), ...padded, ...after));
  }
  return rows.flat();
}
