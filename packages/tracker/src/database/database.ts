/**
 * @file An open database as the rest of the store sees it: the same SQL text on SQLite and on PostgreSQL.
 *
 * What both understand alike is written once: `?` marks values, `ON CONFLICT`, `RETURNING`, integers up to 2^53. What
 * they spell differently is in `dialect`.
 */
import type { Dialect } from "./dialect.ts";

/** A value both databases keep as it is. NaN and the infinities are none: see `numberColumns`. */
export type SqlValue = number | string | null;
/** A row as the driver gives it. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Somewhere rows can be asked from. */
export interface Reader {
  readonly dialect: Dialect;
  all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]>;
}

/** A transaction that is open. */
export interface Transaction extends Reader {
  /** Runs a statement for its effect. Returns the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): Promise<number>;
  /**
   * Inserts many rows by one statement; far quicker than one after the other.
   *
   * @param conflict what to do with a row that is there already, such as `ON CONFLICT DO NOTHING`
   */
  insert(into: Target, rows: readonly (readonly SqlValue[])[], conflict?: string): Promise<void>;
}

/** All tables as they were at one moment, whatever is written meanwhile. */
export interface Snapshot extends Reader {
  /**
   * All rows of a table in batches of bounded size, however many there are; one such reading at a time.
   *
   * @param list what stands between SELECT and FROM
   * @param number a column that rows come in the order of, if they must
   */
  batches(table: string, list: string, number?: string | null): AsyncIterable<SqlRow[]>;
}

/** A table and some of its columns, with the types PostgreSQL needs to take whole arrays. */
export interface Target {
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** Types of columns, as `dialect` spells them. */
export type ColumnType = "integer" | "real" | "text";

/** An open database: statements in, rows out, errors as problems. */
export interface Database extends Reader {
  /** A path, or an address without its password. */
  readonly path: string;
  /**
   * Runs `work` as one transaction; transactions of one process follow one another. Any throw undoes it.
   *
   * Whoever reads meanwhile sees what was there before.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Reads at one moment; nobody who writes waits for it. */
  snapshot<Result>(work: (snapshot: Snapshot) => Promise<Result>): Promise<Result>;
  /** Brings committed changes from beside the database's file into it, as far as nobody is in the way. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
