/**
 * @file Run numbers in the order of a table. Columns are read completely and sorted here, so that the order is the same
 * on both databases: numbers, then texts, then NaN, then missing values, in either direction. Ties: newest first.
 */
import type { Reader } from "../database/database.ts";
import type { SqlPart } from "../database/search.ts";
import {
  allOf,
  attributeSources,
  factTables,
  kindOfColumn,
  numberIn,
  scopeParts,
  type TableColumn,
  type TableScope,
} from "./column.ts";
import {
  type PackedValues,
  readNumbers,
  readPackedNumbers,
  readPackedTexts,
  realText,
  valueText,
} from "./column-reader.ts";
import { expressionPart, type RunExpression } from "./expression.ts";

/** Selection and order of runs. */
export interface TableQuestion {
  readonly scope: TableScope;
  readonly where: RunExpression | null;
  /** Must not contain curve columns. */
  readonly order: readonly { readonly column: TableColumn; readonly isDescending: boolean }[];
}

/** Number of characters of a text that sorting and grouping consider. */
export const lettersCompared = 300;

/** Numbers of all matching runs, in order. */
export async function orderRuns(
  reader: Reader,
  { scope, where, order }: TableQuestion,
): Promise<Float64Array> {
  const condition = conditionOf(reader, scope, where);
  const newest = await readNumbers(reader, {
    sql: `SELECT runs.number FROM runs WHERE ${condition.sql} ORDER BY runs.started_ms DESC, runs.id DESC`,
    values: condition.values,
  });
  if (order.length === 0 || newest.length < 2) return newest;
  const places = placesOf(newest);
  const keys: SortKey[] = [];
  for (const { column, isDescending } of order) {
    const key = await sortKeyOf(reader, column, condition, places);
    keys.push({ ...key, sign: isDescending ? -1 : 1 });
  }
  const sorted = Uint32Array.from(newest, (_, at) => at).sort(comparatorOf(keys));
  return Float64Array.from(sorted, (at) => newest[at] ?? 0);
}

/** The SQL condition on `runs` for the runs of a scope that match an expression. */
export function conditionOf(reader: Reader, scope: TableScope, where: RunExpression | null): SqlPart {
  return allOf([...scopeParts(scope), ...(where === null ? [] : [expressionPart(reader.dialect, where)])]);
}

/** Positions of runs in a list, by their numbers. */
export function placesOf(numbers: Float64Array): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let at = 0; at < numbers.length; at++) places.set(numbers[at] ?? 0, at);
  return places;
}

/** Up to this number of runs, a metric is queried for these runs only; beyond it, for all runs. */
const fewRuns = 400;

/**
 * The non-NULL values of a column, in any order.
 *
 * @param condition on `runs`, for the requested runs; the result may include others
 * @param places positions of the requested runs
 */
export async function readColumn(
  reader: Reader,
  column: TableColumn,
  condition: SqlPart,
  places: ReadonlyMap<number, number>,
): Promise<PackedValues<number> | PackedValues<string>> {
  const { dialect } = reader;
  if (column.of === "attribute") {
    const { sql, kind, isNullable } = attributeSources[column.name];
    const where = `${condition.sql}${isNullable ? ` AND (${sql}) IS NOT NULL` : ""}`;
    const value = kind === "text" ? cut(sql) : kind === "number" ? realText(dialect, sql) : sql;
    const question = {
      sql: `SELECT runs.number, ${value} AS value FROM runs WHERE ${where}`,
      values: condition.values,
    };
    return kind === "text" ? readPackedTexts(reader, question) : readPackedNumbers(reader, question);
  }
  if (column.of === "metric" || column.of === "curve") {
    const few = places.size <= fewRuns ? [...places.keys()] : null;
    const among = few ? ` AND s.run IN (${few.map(() => "?").join(", ")})` : "";
    const sql = `SELECT s.run AS number, ${valueText(dialect, "s")} AS value FROM series s WHERE s.key = ?${among}`;
    return readPackedNumbers(reader, { sql, values: [column.key, ...(few ?? [])] });
  }
  const sql = `SELECT runs.number, ${cut("f.value")} AS value FROM runs JOIN ${factTables[column.of]} f
    ON f.run = runs.number AND f.key = ? WHERE ${condition.sql}`;
  return readPackedTexts(reader, { sql, values: [column.key, ...condition.values] });
}

function cut(sql: string): string {
  return `substr(${sql}, 1, ${lettersCompared})`;
}

/** What runs are compared by: first the rank, regardless of the direction, then the value. */
interface SortKey {
  readonly ranks: Uint8Array;
  readonly values: Float64Array;
  /** Texts of runs with `textRank`. */
  readonly texts: readonly (string | undefined)[] | null;
  readonly sign: number;
}

const [numberRank, textRank, nanRank, missingRank] = [0, 1, 2, 3];

async function sortKeyOf(
  reader: Reader,
  column: TableColumn,
  condition: SqlPart,
  places: ReadonlyMap<number, number>,
): Promise<Omit<SortKey, "sign">> {
  const { runs, values: given } = await readColumn(reader, column, condition, places);
  const ranks = new Uint8Array(places.size).fill(missingRank);
  const values = new Float64Array(places.size);
  const isText = kindOfColumn(column) === "text";
  const texts: (string | undefined)[] | null = isText ? new Array(places.size) : null;
  for (let at = 0; at < runs.length; at++) {
    const place = places.get(runs[at] ?? 0);
    const value = given[at];
    if (place === undefined || value === undefined) continue;
    const number = typeof value === "number" ? value : column.of === "attribute" ? null : numberIn(value);
    if (number === null) {
      ranks[place] = textRank;
      if (texts) texts[place] = String(value);
    } else {
      ranks[place] = Number.isNaN(number) ? nanRank : numberRank;
      values[place] = number;
    }
  }
  return { ranks, values, texts };
}

function comparatorOf(keys: readonly SortKey[]): (a: number, b: number) => number {
  return (a, b) => {
    for (const { ranks, values, texts, sign } of keys) {
      const [rank, other] = [ranks[a] ?? 0, ranks[b] ?? 0];
      if (rank !== other) return rank - other;
      if (rank === numberRank) {
        const [x, y] = [values[a] ?? 0, values[b] ?? 0];
        if (x !== y) return x < y ? -sign : sign;
      } else if (rank === textRank && texts) {
        const [x, y] = [texts[a] ?? "", texts[b] ?? ""];
        if (x !== y) return x < y ? -sign : sign;
      }
    }
    return a - b;
  };
}
