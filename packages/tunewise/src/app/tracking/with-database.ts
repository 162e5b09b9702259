/** @file Opens the store that a command names, by a folder of runs or the address of a database. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type Database,
  isAddress,
  journaledStore,
  openDatabase,
  runsPath,
  storePath,
} from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { defaultOutput, settleDeadRuns } from "../runs/index.ts";

/**
 * Runs `work` on an existing store.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 * @returns `null` if the folder has no store
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withExistingStore<Result>(
  word: string | undefined,
  { cwd }: Pick<Runtime, "cwd">,
  work: (database: Database) => Promise<Result>,
): Promise<Result | null> {
  const place = word ?? defaultOutput;
  const isThere = isAddress(place) || existsSync(storePath(resolve(cwd, place)));
  return isThere ? withDatabase(word, { cwd }, work) : null;
}

/**
 * Like `withExistingStore`, for reading. First updates the store from the folders of dead runs of this engine, and
 * marks runs without a recorded end as interrupted.
 *
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export function withSettledStore<Result>(
  word: string | undefined,
  runtime: Runtime,
  work: (database: Database) => Promise<Result>,
): Promise<Result | null> {
  const place = word ?? defaultOutput;
  return withExistingStore(word, runtime, async (database) => {
    const output = resolve(runtime.cwd, place);
    // not closed, because the caller owns the database and reading opens no journal
    if (!isAddress(place)) await settleDeadRuns(journaledStore(database, runsPath(output)), output, runtime);
    return work(database);
  });
}

/**
 * Runs `work` on a store. Creates the folder if it is missing.
 *
 * @param word path or address as the user wrote it; defaults to the folder of runs
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withDatabase<Result>(
  word: string | undefined,
  { cwd }: Pick<Runtime, "cwd">,
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
  { cwd }: Pick<Runtime, "cwd">,
): Promise<Database> {
  const place = word ?? defaultOutput;
  const folder = resolve(cwd, place);
  if (!isAddress(place)) await mkdir(folder, { recursive: true });
  return openDatabase(isAddress(place) ? place : storePath(folder));
}
