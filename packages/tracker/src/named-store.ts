/** @file Opens the store that a command names, by a folder of runs or the address of a database. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Database } from "./database/database.ts";
import { isAddress, openDatabase, storePath } from "./open-store.ts";
import type { StoreHost } from "./store-host.ts";

/** Default output folder. */
export const defaultOutput = ".tunewise";

/**
 * Runs `work` on an existing store.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 * @returns `null` if the folder has no store
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withExistingStore<Result>(
  word: string | undefined,
  { cwd }: Pick<StoreHost, "cwd">,
  work: (database: Database) => Promise<Result>,
): Promise<Result | null> {
  const place = word ?? defaultOutput;
  const isThere = isAddress(place) || existsSync(storePath(resolve(cwd, place)));
  return isThere ? withDatabase(word, { cwd }, work) : null;
}

/**
 * Runs `work` on a store. Creates the folder if it is missing.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withDatabase<Result>(
  word: string | undefined,
  { cwd }: Pick<StoreHost, "cwd">,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openNamedStore(word, { cwd });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/**
 * Opens a store. Creates the folder if it is missing.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function openNamedStore(
  word: string | undefined,
  { cwd }: Pick<StoreHost, "cwd">,
): Promise<Database> {
  const place = word ?? defaultOutput;
  const folder = resolve(cwd, place);
  if (!isAddress(place)) await mkdir(folder, { recursive: true });
  return openDatabase(isAddress(place) ? place : storePath(folder));
}
