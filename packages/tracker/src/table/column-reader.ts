/**
 * @file Reads a column of many runs as a single row. Drivers create an object per row, which for 100,000 runs takes
 * several times longer than the query.
 */
import type { Reader, SqlValue } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import type { SqlPart } from "../database/search.ts";

/** SQL that joins numbers with commas. Real numbers keep all their digits. */
function packedNumbers({ name }: Dialect, column: string): string {
  return name === "sqlite" ? `group_concat(${column}, ',')` : `string_agg(${column}::text, ',')`;
}

function packedTexts({ name }: Dialect, column: string): string {
  return name === "sqlite" ? `json_group_array(${column})` : `json_agg(${column})::text`;
}

/** A metric's value as text that `Number` can parse, including NaN and the infinities. */
export function valueText({ name }: Dialect, table: string): string {
  const plain = name === "sqlite" ? `printf('%!.17g', ${table}.last_value)` : `${table}.last_value::text`;
  return `CASE ${table}.last_special WHEN '' THEN ${plain} ELSE ${table}.last_special END`;
}

/** A real number as text that `Number` can parse. */
export function realText({ name }: Dialect, sql: string): string {
  return name === "sqlite" ? `printf('%!.17g', ${sql})` : sql;
}

/** A query whose rows have a column `number` that is never NULL. */
export interface PackedQuestion extends SqlPart {}

/** Numbers of runs, in the order of the query. @param question `SELECT ... AS number ...` */
export async function readNumbers(reader: Reader, question: PackedQuestion): Promise<Float64Array> {
  const sql = `SELECT ${packedNumbers(reader.dialect, "number")} AS numbers FROM (${question.sql}) asked`;
  const [row] = await reader.all(sql, ...question.values);
  return numbersIn(row?.["numbers"] ?? null);
}

/** Runs, and one value for each. */
export interface PackedValues<Value> {
  readonly runs: Float64Array;
  readonly values: ArrayLike<Value>;
}

/** Runs and numbers. @param question `SELECT ... AS number, ... AS value ...`, where `value` is text or an integer */
export async function readPackedNumbers(
  reader: Reader,
  question: PackedQuestion,
): Promise<PackedValues<number>> {
  const { dialect } = reader;
  const sql = `SELECT ${packedNumbers(dialect, "number")} AS numbers, ${packedNumbers(dialect, "value")} AS list
    FROM (${question.sql}) asked`;
  const [row] = await reader.all(sql, ...question.values);
  return { runs: numbersIn(row?.["numbers"] ?? null), values: numbersIn(row?.["list"] ?? null) };
}

/** Runs and texts. @param question `SELECT ... AS number, ... AS value ...` */
export async function readPackedTexts(
  reader: Reader,
  question: PackedQuestion,
): Promise<PackedValues<string>> {
  const { dialect } = reader;
  const sql = `SELECT ${packedNumbers(dialect, "number")} AS numbers, ${packedTexts(dialect, "value")} AS list
    FROM (${question.sql}) asked`;
  const [row] = await reader.all(sql, ...question.values);
  const list = row?.["list"] ?? null;
  return {
    runs: numbersIn(row?.["numbers"] ?? null),
    values: list === null ? [] : (JSON.parse(String(list)) as string[]),
  };
}

/** Parses comma-separated numbers; NULL means no rows. */
function numbersIn(text: SqlValue): Float64Array {
  if (text === null || text === "") return new Float64Array(0);
  const words = String(text).split(",");
  const numbers = new Float64Array(words.length);
  for (let at = 0; at < words.length; at++) numbers[at] = Number(words[at]);
  return numbers;
}
