/**
 * @file A store that a command names: a folder of runs or the address of a database.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Host } from "../../runtime/index.ts";
import {
  type Database,
  isAddress,
  journaledStore,
  openDatabase,
  runsPath,
  storePath,
} from "../../track/index.ts";
import { defaultOutput, settleDeadRuns } from "../runs/index.ts";

/**
 * Opens a store for one piece of work that makes none.
 *
 * @param word as the user wrote it; the folder of runs where it is missing
 * @returns `null` where a folder has no store
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withStoreThatIsThere<Result>(
  word: string | undefined,
  { cwd }: Pick<Host, "cwd">,
  work: (database: Database) => Promise<Result>,
): Promise<Result | null> {
  const place = word ?? defaultOutput;
  const isThere = isAddress(place) || existsSync(storePath(resolve(cwd, place)));
  return isThere ? withDatabase(word, { cwd }, work) : null;
}

/**
 * The same for somebody who looks: first the store takes in what folders say of own runs whose process is gone; those
 * that have no end there are marked as interrupted.
 *
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export function withSettledStore<Result>(
  word: string | undefined,
  host: Host,
  work: (database: Database) => Promise<Result>,
): Promise<Result | null> {
  const place = word ?? defaultOutput;
  return withStoreThatIsThere(word, host, async (database) => {
    const output = resolve(host.cwd, place);
    // not closed: the database is the caller's, and looking opens no journal
    if (!isAddress(place)) await settleDeadRuns(journaledStore(database, runsPath(output)), output, host);
    return work(database);
  });
}

/**
 * Opens a store for one piece of work; a folder is made where there is none.
 *
 * @param word as the user wrote it; the folder of runs where it is missing
 * @throws {TunewiseError} the errors of `openDatabase`
 */
export async function withDatabase<Result>(
  word: string | undefined,
  { cwd }: Pick<Host, "cwd">,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const place = word ?? defaultOutput;
  const folder = resolve(cwd, place);
  if (!isAddress(place)) await mkdir(folder, { recursive: true });
  const database = await openDatabase(isAddress(place) ? place : storePath(folder));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
