/** @file Resolves references to runs (an id, an id prefix, or `latest`) for all commands, and requests stops. */

import { isTraining, type Run } from "@tunewise/core/run";
import type { Database } from "../database/database.ts";
import type { JournaledStore } from "../journal/journaled-store.ts";
import { chooseRuns } from "../move/stored-runs.ts";
import { withDatabase } from "../named-store.ts";
import { problem } from "../problem/index.ts";
import { recordStore } from "../record/record-store.ts";
import type { StoreHost } from "../store-host.ts";
import { findTrackedRun, findTrackedRunOrNull } from "./runs.ts";
import { requestStop } from "./stop.ts";
import type { TrackedRun } from "./types.ts";
import { createWriter } from "./writer.ts";

/** Number of newest runs to search for the latest training run. */
const maxRuns = 1000;

/** The newest training run of this engine, which `latest` refers to. */
export async function latestTraining(store: Pick<JournaledStore, "listRuns">): Promise<Run | null> {
  const newest = await store.listRuns({ limit: maxRuns });
  return newest.find((one) => isTraining(one)) ?? null;
}

/**
 * Resolves a reference to the id of a run in a store.
 *
 * `latest` is the newest training run of this engine, not a try or a trial of a search. In a store without such runs,
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
 * @param id an id, an id prefix, or `latest`
 * @returns the run before the stop
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export function requestRunStop(
  id: string,
  reason: string,
  store: string | undefined,
  runtime: Pick<StoreHost, "cwd" | "now">,
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
