/** @file `tunewise runs delete` and `runs restore`. */

import {
  chooseRuns,
  createWriter,
  defaultOutput,
  findTrackedRunOrNull,
  openStatuses,
  resolveRunId,
  type Stage,
  setRunStage,
  type TrackedRun,
  type Transaction,
} from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { withSettledStore } from "./settled-store.ts";

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
