/** @file A long look at one moment of a SQLite file. */
import type { Snapshot, SqlRow, SqlValue } from "./database.ts";
import { sqliteDialect } from "./dialect.ts";
import { rowsFirst, rowsToAsk } from "./rows-to-ask.ts";

/** As much of a driver's connection as is needed here. */
interface Connection {
  exec(sql: string): void;
  prepare(sql: string): { all(...values: SqlValue[]): unknown[] };
  readonly isTransaction: boolean;
}

/** Does a work that only reads: it sees the moment of its first statement, whatever is written meanwhile. */
export async function lookAt<Result>(
  connection: Connection,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const all = (sql: string, values: readonly SqlValue[]): SqlRow[] =>
    connection.prepare(sql).all(...values) as SqlRow[];
  connection.exec("BEGIN");
  try {
    all("SELECT count(*) FROM sqlite_schema", []);
    return await work({
      dialect: sqliteDialect,
      all: async (sql, ...values) => all(sql, values),
      batches: (table, list) => batches(all, table, list),
    });
  } finally {
    if (connection.isTransaction) connection.exec("ROLLBACK");
  }
}

/**
 * Reads from key to key. A statement that stays open would need no keys, but the packaged driver loses it when others
 * run beside it.
 */
async function* batches(
  all: (sql: string, values: readonly SqlValue[]) => SqlRow[],
  table: string,
  list: string,
): AsyncGenerator<SqlRow[]> {
  const keys = keysOf(all, table);
  // Integers travel as texts: the driver refuses those beyond 2^53.
  const marks = keys.map(({ isInteger }) => (isInteger ? "CAST(? AS INTEGER)" : "?"));
  // With their table, so that a word of the list with a column's name is not meant.
  const names = keys.map(({ name }) => `${table}.${name}`);
  const lastKeys = keys.map(({ name, isInteger }, at) =>
    isInteger ? `CAST(${table}.${name} AS TEXT) AS last_key_${at}` : `${table}.${name} AS last_key_${at}`,
  );
  const select = `SELECT ${list}, ${lastKeys.join(", ")} FROM ${table}`;
  const after = `WHERE (${names.join(", ")}) > (${marks.join(", ")})`;
  const end = `ORDER BY ${names.join(", ")} LIMIT ?`;
  for (let last: SqlValue[] = [], count = rowsFirst; ; ) {
    const rows = all(`${select} ${last.length > 0 ? after : ""} ${end}`, [...last, count]);
    const final = rows.at(-1);
    if (!final) return;
    last = keys.map((_, at) => final[`last_key_${at}`] ?? null);
    yield rows;
    if (rows.length < count) return;
    count = rowsToAsk(rows);
    // Ctrl-C gets a turn.
    await new Promise((turn) => setImmediate(turn));
  }
}

/** What a table's rows lie in the order of. */
function keysOf(
  all: (sql: string, values: readonly SqlValue[]) => SqlRow[],
  table: string,
): { readonly name: string; readonly isInteger: boolean }[] {
  const [about] = all("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [table]);
  if (Number(about?.["wr"]) !== 1) return [{ name: "rowid", isInteger: true }];
  return all("SELECT name, type FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [table]).map(
    (column) => ({
      name: String(column["name"]),
      isInteger: column["type"] === "INTEGER",
    }),
  );
}
