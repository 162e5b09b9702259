/** @file Runs by reference, the same way for every command (an id, a prefix of one, or `latest`), and requests that one stops. */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  chooseRuns,
  createWriter,
  type Database,
  findTrackedRun,
  findTrackedRunOrNull,
  recordStore,
  requestStop,
  type TrackedRun,
} from "../../track/index.ts";
import { latestTraining } from "../runs/index.ts";
import { withDatabase } from "./with-database.ts";

/**
 * Returns the id of the referenced run in a store.
 *
 * `latest` is the newest training of this engine, not a try or a trial of a search. In a store without trainings,
 * such as a team's server, it is the newest run of any client.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function resolveRunId(database: Database, word: string): Promise<string> {
  if (word === "latest") {
    const own = await latestTraining(recordStore(database));
    if (own !== null) return own.id;
  }
  const choice = { project: null, ids: word === "latest" ? [] : [word] };
  const number = (await chooseRuns(database, choice, database.path)).at(-1);
  const run = number === undefined ? null : await findTrackedRunOrNull(database, { number });
  if (!run) throw problem("RUN_NOT_FOUND", { id: word, store: database.path });
  return run.id;
}

/**
 * Requests a stop.
 *
 * @param id an id, a prefix of one, or `latest`
 * @returns the run before the stop
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export function requestRunStop(
  id: string,
  reason: string,
  store: string | undefined,
  runtime: Runtime,
): Promise<TrackedRun> {
  return withDatabase(store, runtime, async (database) => {
    const named = await resolveRunId(database, id);
    return createWriter(database)(async (transaction) => {
      const run = await findTrackedRun(transaction, named);
      await requestStop(transaction, run.number, { by: "person", reason }, runtime.now().getTime());
      return run;
    });
  });
}
