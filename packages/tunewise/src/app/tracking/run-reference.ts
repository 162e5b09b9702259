/** @file Resolves references to runs (an id, an id prefix, or `latest`) for all commands, and requests stops. */

import {
  chooseRuns,
  createWriter,
  type Database,
  findTrackedRun,
  findTrackedRunOrNull,
  openStatuses,
  recordStore,
  requestStop,
  type Stage,
  type TrackedRun,
  type Transaction,
} from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { defaultOutput, latestTraining } from "../runs/index.ts";
import { setRunStage } from "./run-stage.ts";
import { withDatabase, withSettledStore } from "./with-database.ts";

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
 * Deletes or restores runs. The cost of deleted runs still counts.
 *
 * @param words ids, id prefixes, names, or `latest`
 * @returns their ids
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `RUN_DELETION_RUNNING`
 */
export async function moveRuns(
  words: readonly string[],
  stage: Stage,
  store: string | undefined,
  runtime: Runtime,
): Promise<readonly string[]> {
  const moved = await withSettledStore(store, runtime, async (database) => {
    const ids = await Promise.all(
      words.map(async (word) => (word === "latest" ? resolveRunId(database, word) : word)),
    );
    const from = stage === "deleted" ? "active" : "deleted";
    const numbers = await chooseRuns(database, { project: null, ids }, database.path, from);
    return createWriter(database)((transaction) => moveTo(transaction, numbers, stage, runtime));
  });
  if (moved === null) throw problem("RUN_NOT_FOUND", { id: words[0] ?? "", store: store ?? defaultOutput });
  return moved;
}

async function moveTo(
  transaction: Transaction,
  numbers: readonly number[],
  stage: Stage,
  { environment, now }: Runtime,
): Promise<string[]> {
  const runs: TrackedRun[] = [];
  for (const number of numbers) {
    const run = await findTrackedRunOrNull(transaction, { number });
    if (run !== null) runs.push(run);
  }
  const busy = runs.find(({ status }) => openStatuses.includes(status));
  if (busy && stage === "deleted") throw problem("RUN_DELETION_RUNNING", { run: busy.id });
  const person = environment["USER"] ?? environment["LOGNAME"] ?? "";
  await setRunStage(transaction, runs, { stage, person, nowMs: now().getTime() });
  return runs.map(({ id }) => id);
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
