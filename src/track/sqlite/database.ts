/**
 * @file An open SQLite file as the rest of the driver sees it.
 */

/** A value SQLite keeps as it is; NaN is none, it would turn into NULL. */
export type SqlValue = number | string | null;
/** A row as the driver gives it. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** An open SQLite file: statements in, rows out, errors in our words. */
export interface Database {
  readonly path: string;
  /** Runs a statement for its effect; gives the number of changed rows. */
  run(sql: string, ...values: SqlValue[]): number;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Runs `work` as one transaction that holds the write lock from its start; any throw undoes it. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}
