/** @file Completion for filters and columns: keys of metrics, parameters and tags, and values of a column. */
import type { Database, Reader } from "../database/database.ts";
import { revisionOf } from "../database/revision.ts";
import type { SqlPart } from "../database/search.ts";
import {
  allOf,
  type ColumnKind,
  factTables,
  scopeParts,
  type TableColumn,
  type TableScope,
} from "./column.ts";
import { readNumbers } from "./column-reader.ts";
import { conditionOf, placesOf, readColumn } from "./ordered-runs.ts";

/** A column that runs have. */
export interface NamedColumn {
  readonly column: Exclude<TableColumn, { readonly of: "attribute" | "curve" }>;
  readonly kind: ColumnKind;
  /** Number of runs that have it. */
  readonly runs: number;
}

/** Which keys to return. */
export interface ColumnsRequest {
  readonly scope: TableScope;
  /** A substring of the key, case-insensitive; empty: all. */
  readonly search: string;
  readonly limit: number;
}

const sources = [
  { of: "metric", table: "series", kind: "number" },
  { of: "param", table: factTables.param, kind: "text" },
  { of: "tag", table: factTables.tag, kind: "text" },
] as const;

/** Keys within a scope, most common first. */
export async function readColumns(
  reader: Reader,
  { scope, search, limit }: ColumnsRequest,
): Promise<{ readonly columns: readonly NamedColumn[]; readonly more: boolean }> {
  const found: NamedColumn[] = [];
  const among = await scopeOf(reader, scope);
  for (const { of, table, kind } of sources) {
    const fits = search === "" ? [] : [partOf(reader, "f.key", `%${search}%`)];
    const { sql, values } = allOf([...among, ...fits]);
    const rows = await reader.all(
      `SELECT f.key, count(*) AS runs FROM ${table} f WHERE ${sql} GROUP BY f.key
       ORDER BY count(*) DESC, f.key LIMIT ?`,
      ...[...values, limit + 1],
    );
    for (const row of rows) {
      found.push({ column: { of, key: String(row["key"]) }, kind, runs: Number(row["runs"]) });
    }
  }
  found.sort((a, b) => b.runs - a.runs);
  return { columns: found.slice(0, limit), more: found.length > limit };
}

/**
 * Limits facts to a scope; no condition if the scope is the whole store. The unary plus keeps SQLite from searching
 * keys run by run.
 */
async function scopeOf(reader: Reader, scope: TableScope): Promise<SqlPart[]> {
  const { sql, values } = allOf(scopeParts(scope));
  const [row] = await reader.all(
    `SELECT (SELECT count(*) FROM runs) AS whole, (SELECT count(*) FROM runs WHERE ${sql}) AS part`,
    ...values,
  );
  const [whole, part] = [Number(row?.["whole"]), Number(row?.["part"])];
  if (whole === part) return [];
  const run = part * 4 > whole ? "+f.run" : "f.run";
  return [{ sql: `${run} IN (SELECT runs.number FROM runs WHERE ${sql})`, values }];
}

function partOf({ dialect }: Reader, column: string, pattern: string): SqlPart {
  const { sql, value } = dialect.like(column, pattern, false);
  return { sql, values: [value] };
}

/** Which values to return. */
export interface ValuesRequest {
  readonly scope: TableScope;
  readonly column: TableColumn;
  readonly prefix: string;
  readonly limit: number;
}

/** Values of a column, most common first. Texts are truncated to the length used by groups and sorting. */
export async function readColumnValues(
  reader: Reader,
  { scope, column, prefix, limit }: ValuesRequest,
): Promise<{ readonly value: string | number; readonly runs: number }[]> {
  const condition = conditionOf(reader, scope, null);
  const numbers = await readNumbers(reader, {
    sql: `SELECT runs.number FROM runs WHERE ${condition.sql}`,
    values: condition.values,
  });
  const places = placesOf(numbers);
  const { runs, values } = await readColumn(reader, column, condition, places);
  const counts = new Map<string | number, number>();
  for (let at = 0; at < runs.length; at++) {
    const value = values[at];
    if (value === undefined || !places.has(runs[at] ?? 0) || !String(value).startsWith(prefix)) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return sorted.slice(0, limit).map(([value, count]) => ({ value, runs: count }));
}

/** Completion with results cached until the database changes. */
export interface Completion {
  readonly columns: (request: ColumnsRequest) => ReturnType<typeof readColumns>;
  readonly values: (request: ValuesRequest) => ReturnType<typeof readColumnValues>;
}

/** Maximum cached results; each contains at most some thousand short texts. */
const maxAnswers = 32;

/** Creates the completion for a database. */
export function createCompletion(database: Database): Completion {
  const columns = remembering(database, (request: ColumnsRequest) => readColumns(database, request));
  return {
    columns,
    values: remembering(database, (request: ValuesRequest) => readColumnValues(database, request)),
  };
}

function remembering<Request, Result>(
  database: Database,
  find: (request: Request) => Promise<Result>,
): (request: Request) => Promise<Result> {
  const answers = new Map<string, Promise<Result>>();
  return async (request) => {
    const question = `${await revisionOf(database)} ${JSON.stringify(request)}`;
    const answer = answers.get(question) ?? find(request);
    answers.delete(question);
    answers.set(question, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= maxAnswers) break;
      answers.delete(oldest);
    }
    // Failed queries are not cached.
    answer.catch(() => answers.delete(question));
    return answer;
  };
}
