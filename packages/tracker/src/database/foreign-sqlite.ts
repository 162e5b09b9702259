/** @file Opens another program's SQLite file read-only. */
import { problem } from "../problem/index.ts";
import type { SqlRow, SqlValue } from "./database.ts";
import { loadDriver } from "./sqlite.ts";

/** An open file. */
export interface ForeignDatabase {
  /** Names of a table's columns; empty if there is no such table. Views do not count as tables. */
  columns(table: string): ReadonlySet<string>;
  /** @throws {TunewiseError} `MOVE_READ_FAILED` */
  rows(sql: string, ...values: SqlValue[]): SqlRow[];
  close(): void;
}

/** How long to wait for a writer. */
const busySeconds = 10;

/**
 * Opens a file.
 *
 * @throws {TunewiseError} `MOVE_READ_FAILED`, `STORE_DRIVER_MISSING`
 */
export async function openForeignSqlite(path: string): Promise<ForeignDatabase> {
  const { DatabaseSync } = await loadDriver();
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw problem("MOVE_READ_FAILED", { place: path, reason }, { cause });
    }
  };
  const connection = guarded(
    () => new DatabaseSync(path, { readOnly: true, timeout: busySeconds * 1000, allowExtension: false }),
  );
  guarded(() => connection.exec("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF"));
  const rows = (sql: string, ...values: SqlValue[]): SqlRow[] =>
    guarded(() => connection.prepare(sql).all(...values) as SqlRow[]);
  return {
    columns: (table) => {
      const sql = `SELECT p.name FROM sqlite_schema s, pragma_table_info(s.name) p WHERE s.type = 'table' AND s.name = ?`;
      return new Set(rows(sql, table).map(({ name }) => String(name)));
    },
    rows,
    close: () => connection.close(),
  };
}
