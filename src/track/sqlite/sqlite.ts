/**
 * @file The one file that loads a SQLite driver, and the words for what a driver throws.
 */
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { problem, type TunewiseError } from "../../problem/index.ts";
import type { Database, SqlRow } from "./database.ts";
import { migrate } from "./migrations.ts";

/** How long a writer waits for another one. */
const busySeconds = 5;

/**
 * Opens the file, in write-ahead mode and synced at every commit: the ledger must survive a power cut.
 *
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_NEWER`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openDatabase(path: string): Promise<Database> {
  const { DatabaseSync } = await loadDriver();
  let connection: DatabaseSyncInstance | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: busySeconds * 1000 });
    connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    const database = wrap(connection, path);
    migrate(database);
    return database;
  } catch (error) {
    connection?.close();
    throw inOurWords(error, path, "open");
  }
}

/** What a driver module gives; Node's own has the same interface. */
type Driver = typeof import("@photostructure/sqlite");

// A name in a variable: the types of Node 20 know no such module, and bundlers must not resolve it.
const builtIn: string = "node:sqlite";

const drivers: readonly (() => Promise<Driver>)[] = [
  () => import(builtIn),
  () => import("@photostructure/sqlite"),
];

/**
 * Node's own driver where it imports without a flag, else the package with the same interface.
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

function wrap(connection: DatabaseSyncInstance, path: string): Database {
  const statements = new Map<string, ReturnType<DatabaseSyncInstance["prepare"]>>();
  const prepared = (sql: string): ReturnType<DatabaseSyncInstance["prepare"]> => {
    const known = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const guarded = <Result>(work: () => Result, doing: "read" | "write"): Result => {
    try {
      return work();
    } catch (error) {
      throw inOurWords(error, path, doing);
    }
  };
  return {
    path,
    run: (sql, ...values) => guarded(() => Number(prepared(sql).run(...values).changes), "write"),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as SqlRow[], "read"),
    transaction: (work) => guarded(() => transact(connection, work), "write"),
    close: () => {
      statements.clear();
      connection.close();
    },
  };
}

function transact<Result>(connection: DatabaseSyncInstance, work: () => Result): Result {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself, and then there is nothing left to undo.
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

/** @source primary result codes: sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteLocked = 6;

/** Turns what the driver threw into a problem; everything else passes through. */
function inOurWords(error: unknown, path: string, doing: "open" | "read" | "write"): TunewiseError | unknown {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== "number") return error;
  const context = { cause: error };
  const primary = code & 0xff;
  if (primary === sqliteBusy || primary === sqliteLocked) {
    return problem("STORE_BUSY", { path, seconds: busySeconds }, context);
  }
  const about = { path, reason: messageOf(error) };
  return problem(doing === "write" ? "STORE_WRITE_FAILED" : "STORE_UNREADABLE", about, context);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
