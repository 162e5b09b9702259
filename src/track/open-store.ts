/**
 * @file Opens the record of runs with the driver its address asks for.
 */
import { openDatabase } from "./sqlite/sqlite.ts";
import { sqliteStore } from "./sqlite/sqlite-store.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store in a SQLite file, which is made when missing and brought to the newest schema when older.
 *
 * @param path a file whose folder exists, or `:memory:`
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_NEWER`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 */
export async function openStore(path: string): Promise<Store> {
  return sqliteStore(await openDatabase(path));
}
