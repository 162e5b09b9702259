/** @file Opens the store that a command names, with what runs of this engine recorded before they died. */
import { resolve } from "node:path";
import {
  type Database,
  defaultOutput,
  isAddress,
  journaledStore,
  runsPath,
  withExistingStore,
} from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { settleDeadRuns } from "../runs/index.ts";

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
