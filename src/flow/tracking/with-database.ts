/**
 * @file A store that a command names: a folder of runs or the address of a database.
 */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type Database, openDatabase } from "../../track/index.ts";
import { defaultOutput } from "../find-run.ts";
import type { Host } from "../host.ts";
import { storePath } from "../store-path.ts";

/** Whether a word names a database and no folder. */
export function isAddress(word: string): boolean {
  return /^postgres(ql)?:\/\//.test(word);
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
