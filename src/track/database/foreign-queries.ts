/**
 * @file Statements that nobody has looked at, such as a model's, on a SQLite file that they cannot change.
 */
import { problem } from "../../problem/index.ts";
import type { SqlValue } from "./database.ts";
import { loadDriver } from "./sqlite.ts";

/** What a statement gave: rows as lists in the order of the columns, or why none. */
export type QueryAnswer =
  | { readonly rows: readonly (readonly (SqlValue | boolean)[])[] }
  | { readonly error: string };

/** Limits of one statement. How long it takes is for whoever runs it to limit: by ending the process it runs in. */
export interface QueryLimits {
  readonly rows: number;
  /** Of SQLite's own memory, in bytes. */
  readonly memory: number;
}

/** An open file. */
export interface ForeignQueries {
  /** Runs one statement; whatever is wrong with it is said in the answer. */
  run(statement: string): QueryAnswer;
  close(): void;
}

/**
 * Opens a file to be read: no statement can write, load an extension or open another file.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`, `STORE_DRIVER_MISSING`
 */
export async function openForeignQueries(path: string, limits: QueryLimits): Promise<ForeignQueries> {
  const { DatabaseSync } = await loadDriver();
  const open = (): InstanceType<typeof DatabaseSync> => {
    const connection = new DatabaseSync(path, { readOnly: true, allowExtension: false });
    connection.exec(
      `PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA hard_heap_limit = ${limits.memory}`,
    );
    // fails where the file is no database
    connection.prepare("SELECT count(*) FROM sqlite_schema").get();
    return connection;
  };
  let connection: ReturnType<typeof open>;
  try {
    connection = open();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw problem("SQL_DATABASE_UNREADABLE", { path, reason }, { cause });
  }
  return {
    run: (statement) => {
      // ATTACH would open another file, and PRAGMA lift the limits: both begin with their name.
      if (!/^(select|with|values)\b/i.test(afterComments(statement))) return { error: "not a query" };
      try {
        return { rows: rowsOf(connection.prepare(statement), limits.rows) };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => connection.close(),
  };
}

/** A statement from its first word on; `""` where a comment never ends. */
function afterComments(statement: string): string {
  for (let rest = statement.trimStart(); ; ) {
    const end = rest.startsWith("--") ? "\n" : rest.startsWith("/*") ? "*/" : null;
    if (end === null) return rest;
    const at = rest.indexOf(end, 2);
    if (at < 0) return "";
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** As much of a driver's statement as is needed here; older ones give rows as objects alone. */
interface Statement {
  iterate(): Iterable<unknown>;
  setReadBigInts(isOn: boolean): void;
  setReturnArrays?(isOn: boolean): void;
}

function rowsOf(statement: Statement, most: number): SqlValue[][] {
  statement.setReadBigInts(true);
  statement.setReturnArrays?.(true);
  const rows: SqlValue[][] = [];
  for (const row of statement.iterate()) {
    if (rows.length === most) throw new RangeError(`more than ${most} rows`);
    rows.push((Array.isArray(row) ? row : Object.values(row as object)) as SqlValue[]);
  }
  return rows;
}
