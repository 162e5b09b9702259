/** @file Opens the store of runs: that of an output folder, or a database by its address. */

import { join } from "node:path";
import type { Database } from "./database/database.ts";
import { openPostgres } from "./database/postgres.ts";
import { openSqlite } from "./database/sqlite.ts";
import { type JournaledStore, journaledStore } from "./journal/journaled-store.ts";
import { recordStore } from "./record/record-store.ts";
import { prepareSchema } from "./schema/schema.ts";
import type { Store } from "./store.ts";

/** Whether an argument is a database address and not a path. */
export function isAddress(word: string): boolean {
  return /^postgres(ql)?:\/\//.test(word);
}

/**
 * Opens a database, creating the tables if there are none.
 *
 * @param place a SQLite file whose folder exists, created if missing; `:memory:`; or `postgres://user@host/name`
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_VERSION`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openDatabase(place: string): Promise<Database> {
  const database = await openAsIs(place);
  try {
    await prepareSchema(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Opens a database without checking its version or creating tables; see `openDatabase`.
 *
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openAsIs(place: string): Promise<Database> {
  return isAddress(place) ? openPostgres(place) : openSqlite(place);
}

/**
 * Opens a store of runs with run folders; see `openDatabase`.
 *
 * @param runs the folder that contains the run folders
 */
export async function openJournaledStore(place: string, runs: string): Promise<JournaledStore> {
  return journaledStore(await openDatabase(place), runs);
}

/** Opens a store of runs; see `openDatabase`. */
export async function openStore(place: string): Promise<Store> {
  return recordStore(await openDatabase(place));
}

/**
 * Path of the store's file in an output folder.
 *
 * @example
 * import { storePath } from "tunewise/track";
 *
 * console.log(storePath("runs-of-may")); // runs-of-may/tunewise.db
 */
export function storePath(output: string): string {
  return join(output, "tunewise.db");
}

/** The folder that contains the run folders. */
export function runsPath(output: string): string {
  return join(output, "runs");
}

/** Opens the store of an existing output folder. */
export function openRuns(output: string): Promise<JournaledStore> {
  return openJournaledStore(storePath(output), runsPath(output));
}
