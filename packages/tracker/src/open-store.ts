/** @file Opens the record of runs: of an output folder, or with the driver that an address names. */

import { join } from "node:path";
import type { Database } from "./database/database.ts";
import { openPostgres } from "./database/postgres.ts";
import { openSqlite } from "./database/sqlite.ts";
import { type JournaledStore, journaledStore } from "./journal/journaled-store.ts";
import { recordStore } from "./record/record-store.ts";
import { prepareSchema } from "./schema/schema.ts";
import type { Store } from "./store.ts";

/** Whether a word names a database and no folder or file. */
export function isAddress(word: string): boolean {
  return /^postgres(ql)?:\/\//.test(word);
}

/**
 * Opens a database, and makes the tables where it has none.
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
 * Opens a database as it is, whatever version it has; see `openDatabase`.
 *
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openAsIs(place: string): Promise<Database> {
  return isAddress(place) ? openPostgres(place) : openSqlite(place);
}

/**
 * Opens the record of runs whose folders lie in a folder; see `openDatabase`.
 *
 * @param runs the folder that holds the folders of runs
 */
export async function openJournaledStore(place: string, runs: string): Promise<JournaledStore> {
  return journaledStore(await openDatabase(place), runs);
}

/** Opens the record of runs; see `openDatabase`. */
export async function openStore(place: string): Promise<Store> {
  return recordStore(await openDatabase(place));
}

/**
 * The store's file.
 *
 * @example
 * import { storePath } from "tunewise/track";
 *
 * console.log(storePath("runs-of-may")); // runs-of-may/tunewise.db
 */
export function storePath(output: string): string {
  return join(output, "tunewise.db");
}

/** The folder that holds the folders of runs. */
export function runsPath(output: string): string {
  return join(output, "runs");
}

/** Opens the record of the runs of an output folder, which is there. */
export function openRuns(output: string): Promise<JournaledStore> {
  return openJournaledStore(storePath(output), runsPath(output));
}
