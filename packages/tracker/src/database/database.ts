/**
 * @file The interface to an open database, with the same SQL text for SQLite and PostgreSQL.
 *
 * Queries use only syntax that both support: `?` placeholders, `ON CONFLICT`, `RETURNING`, integers up to 2^53. Syntax
 * that differs is in `dialect`.
 */
import type { Dialect } from "./dialect.ts";

/** A value that both databases store unchanged. NaN and the infinities are not: see `numberColumns`. */
export type SqlValue = number | string | null;
/** A row as returned by the driver. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Anything that can be queried. */
export interface Reader {
  readonly dialect: Dialect;
  all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]>;
}

/** An open transaction. */
export interface Transaction extends Reader {
  /** Executes a statement. Returns the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): Promise<number>;
  /**
   * Inserts many rows with few statements, which is much faster than one statement per row.
   *
   * @param conflict what to do with existing rows, such as `ON CONFLICT DO NOTHING`
   */
  insert(into: Target, rows: readonly (readonly SqlValue[])[], conflict?: string): Promise<void>;
}

/** A consistent view of all tables, unaffected by concurrent writes. */
export interface Snapshot extends Reader {
  /**
   * All rows of a table in batches of bounded size. Only one such read may be active at a time.
   *
   * @param list the SELECT list
   * @param number the column to order by, if the order matters
   */
  batches(table: string, list: string, number?: string | null): AsyncIterable<SqlRow[]>;
}

/** A table and some of its columns, with the types that PostgreSQL needs to receive arrays. */
export interface Target {
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** Column types, spelled by `dialect`. */
export type ColumnType = "integer" | "real" | "text";

/** An open database. Driver errors are thrown as problems. */
export interface Database extends Reader {
  /** A path, or an address without its password. */
  readonly path: string;
  /**
   * Runs `work` in a transaction. Transactions of one process run one after another. An exception rolls the transaction
   * back.
   *
   * Concurrent reads see the state before it.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Reads from a consistent snapshot, without blocking writers. */
  snapshot<Result>(work: (snapshot: Snapshot) => Promise<Result>): Promise<Result>;
  /** Moves committed changes from the write-ahead log into the database file, as far as other connections allow. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
