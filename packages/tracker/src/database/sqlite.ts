/** @file The only file that loads a SQLite driver. It also translates the driver's errors. */
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { createGate, type Gate } from "@tunewise/core/untrusted";
import { problem, type TunewiseError } from "../problem/index.ts";
import type { Database, Snapshot, SqlRow, SqlValue, Target } from "./database.ts";
import { kindOf, sqliteDialect } from "./dialect.ts";
import { rowsFirst, rowsToAsk } from "./rows.ts";

/** How long a writer waits for another one. */
const busySeconds = 5;

/**
 * Opens a database file in WAL mode, with a sync on every commit because the ledger must survive a power failure.
 *
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openSqlite(path: string): Promise<Database> {
  const { DatabaseSync } = await loadDriver();
  const opened: DatabaseSyncInstance[] = [];
  const connect = (pragmas: string): DatabaseSyncInstance => {
    const connection = new DatabaseSync(path, { timeout: busySeconds * 1000 });
    opened.push(connection);
    connection.exec(pragmas);
    return connection;
  };
  try {
    const writes = connect(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
    );
    // A separate connection for reads, which sees only committed data while a transaction is open on the other one.
    const reads =
      path === ":memory:" ? writes : connect("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
    // Each snapshot has its own connection, so that other reads still see later changes.
    const look = (): DatabaseSyncInstance =>
      path === ":memory:" ? writes : connect("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
    return wrap(path, writes, reads, look);
  } catch (error) {
    for (const connection of opened) connection.close();
    throw asProblem(error, path, "open");
  }
}

/** The API of a driver module. Node's built-in driver has the same interface. */
type Driver = typeof import("@photostructure/sqlite");

// In a variable, because the types of Node 20 do not include this module and bundlers must not resolve it.
const builtIn: string = "node:sqlite";

const drivers: readonly (() => Promise<Driver>)[] = [
  () => import(builtIn),
  () => import("@photostructure/sqlite"),
];

/**
 * Loads Node's built-in driver if it imports without a flag, otherwise the package with the same interface.
 *
 * @param loaders tried in this order
 * @throws {TunewiseError} `STORE_DRIVER_MISSING` if none loads
 */
export async function loadDriver(loaders: readonly (() => Promise<Driver>)[] = drivers): Promise<Driver> {
  let cause: unknown;
  for (const load of loaders) {
    try {
      return await load();
    } catch (error) {
      cause = error;
    }
  }
  throw problem("STORE_DRIVER_MISSING", { reason: messageOf(cause) }, { cause });
}

function wrap(
  path: string,
  writes: DatabaseSyncInstance,
  reads: DatabaseSyncInstance,
  look: () => DatabaseSyncInstance,
): Database {
  const [writer, reader] = [new Statements(writes), writes === reads ? null : new Statements(reads)];
  const takeTurn = turnsOf(path);
  const guarded = async <Result>(work: () => Result, doing: "read" | "write"): Promise<Result> => {
    try {
      return work();
    } catch (error) {
      throw asProblem(error, path, doing);
    }
  };
  const read = (from: Statements, sql: string, values: SqlValue[]): Promise<SqlRow[]> =>
    guarded(() => from.of(sql).all(...values) as SqlRow[], kindOf(sql));
  const transaction = {
    dialect: sqliteDialect,
    all: (sql: string, ...values: SqlValue[]) => read(writer, sql, values),
    run: (sql: string, ...values: SqlValue[]) =>
      guarded(() => Number(writer.of(sql).run(...values).changes), "write"),
    insert: (into: Target, rows: readonly (readonly SqlValue[])[], conflict = "") =>
      guarded(() => insertAll(writer, into, rows, conflict), "write"),
  };
  return {
    path,
    dialect: sqliteDialect,
    all: (sql, ...values) => (reader ? read(reader, sql, values) : takeTurn(() => read(writer, sql, values))),
    transaction: (work) =>
      takeTurn(async () => {
        await guarded(() => writes.exec("BEGIN IMMEDIATE"), "write");
        try {
          const result = await work(transaction);
          await guarded(() => writes.exec("COMMIT"), "write");
          return result;
        } catch (error) {
          // On a full disk SQLite rolls back by itself, and ROLLBACK would fail.
          if (writes.isTransaction) writes.exec("ROLLBACK");
          throw error;
        }
      }),
    snapshot: async (work) => {
      const looking = (): ReturnType<typeof work> => withSnapshot(path, writes, look, work);
      return path === ":memory:" ? takeTurn(looking) : looking();
    },
    flush: () =>
      takeTurn(async () => {
        await guarded(() => writes.exec("PRAGMA wal_checkpoint(PASSIVE)"), "write");
      }),
    close: () =>
      takeTurn(async () => {
        for (const connection of new Set([writes, reads])) connection.close();
      }),
  };
}

async function withSnapshot<Result>(
  path: string,
  writes: DatabaseSyncInstance,
  look: () => DatabaseSyncInstance,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const connection = look();
  try {
    return await readSnapshot(connection, work);
  } catch (error) {
    throw asProblem(error, path, "open");
  } finally {
    if (connection !== writes) connection.close();
  }
}

/** One gate per file, shared by all connections of this process to it. */
const turns = new Map<string, Gate>();

/**
 * Serializes the transactions of this process. A transaction may await while it is open. If a second connection blocked
 * on its lock, it would block the whole process, and the first could never finish.
 */
function turnsOf(path: string): Gate {
  if (path === ":memory:") return createGate(1);
  const known = turns.get(resolve(path)) ?? createGate(1);
  turns.set(resolve(path), known);
  return known;
}

/** A connection's prepared statements; the most recently used ones are cached. */
class Statements {
  private readonly known = new Map<string, ReturnType<DatabaseSyncInstance["prepare"]>>();
  private readonly connection: DatabaseSyncInstance;

  constructor(connection: DatabaseSyncInstance) {
    this.connection = connection;
  }

  of(sql: string): ReturnType<DatabaseSyncInstance["prepare"]> {
    const statement = this.known.get(sql) ?? this.connection.prepare(sql);
    this.known.delete(sql);
    this.known.set(sql, statement);
    if (this.known.size > maxStatements) {
      const oldest = this.known.keys().next().value;
      if (oldest !== undefined) this.known.delete(oldest);
    }
    return statement;
  }
}

/** Each search has its own statement; there are only a few dozen others. */
const maxStatements = 300;

/** Rows per INSERT. More are not faster, and SQLite allows at most 32,766 values. */
const rowsAtOnce = 64;

function insertAll(
  statements: Statements,
  { table, columns }: Target,
  rows: readonly (readonly SqlValue[])[],
  conflict: string,
): void {
  const names = Object.keys(columns);
  const marks = `(${names.map(() => "?").join(", ")})`;
  const text = (count: number): string =>
    `INSERT INTO ${table} (${names.join(", ")}) VALUES ${Array(count).fill(marks).join(", ")} ${conflict}`;
  let from = 0;
  if (rows.length >= rowsAtOnce) {
    const many = statements.of(text(rowsAtOnce));
    for (; from + rowsAtOnce <= rows.length; from += rowsAtOnce) {
      many.run(...rows.slice(from, from + rowsAtOnce).flat());
    }
  }
  const one = statements.of(text(1));
  for (; from < rows.length; from++) one.run(...(rows[from] ?? []));
}

/** @source primary result codes: sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteLocked = 6;
const sqliteFull = 13;
/** I/O errors and failures to create a file. When a store is opened on a full disk, these codes are reported. */
const mayBeFull: ReadonlySet<number> = new Set([10, 14]);

/** Whether a disk lacks space for the store's log and shared memory. */
function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < minBytes;
  } catch {
    return false;
  }
}

/** SQLite's shared memory takes 32 KiB, a page of its log 4 KiB. @source sqlite.org/walformat.html */
const minBytes = 64 * 1024;

/** Converts a driver error to a problem; other errors are returned unchanged. */
function asProblem(error: unknown, path: string, doing: "open" | "read" | "write"): TunewiseError | unknown {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR" && typeof errcode !== "number") return error;
  const context = { cause: error };
  // The packaged driver (1.2.1) omits `errcode` if reading a row failed.
  const primary = typeof errcode === "number" ? errcode & 0xff : null;
  if (primary === sqliteBusy || primary === sqliteLocked) {
    return problem("STORE_BUSY", { path, seconds: busySeconds }, context);
  }
  const about = { path, reason: messageOf(error) };
  if (primary === sqliteFull || (primary !== null && mayBeFull.has(primary) && isFull(dirname(path)))) {
    return problem("STORE_FULL", { ...about, folder: dirname(path) }, context);
  }
  return problem(doing === "write" ? "STORE_WRITE_FAILED" : "STORE_UNREADABLE", about, context);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The used part of a driver's connection. */
interface Connection {
  exec(sql: string): void;
  prepare(sql: string): { all(...values: SqlValue[]): unknown[] };
  readonly isTransaction: boolean;
}

/** Runs `work` in a read-only transaction, which sees the state at its first statement. */
async function readSnapshot<Result>(
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
 * Reads in key order, continuing after the last key. An open statement would need no keys, but the packaged driver
 * loses it when other statements run on the connection.
 */
async function* batches(
  all: (sql: string, values: readonly SqlValue[]) => SqlRow[],
  table: string,
  list: string,
): AsyncGenerator<SqlRow[]> {
  const keys = keysOf(all, table);
  // Integers are passed as text, because the driver refuses those beyond 2^53.
  const marks = keys.map(({ isInteger }) => (isInteger ? "CAST(? AS INTEGER)" : "?"));
  // Qualified by the table, so that they refer to columns and not to aliases in the SELECT list.
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
    // Lets the event loop run, so that Ctrl-C is handled.
    await new Promise((turn) => setImmediate(turn));
  }
}

/** The key columns in whose order a table's rows are stored. */
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
