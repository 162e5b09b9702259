/** @file `tunewise runs stop`: requests that a run of any client saves and stops. */

import type { Runtime } from "../../runtime/index.ts";
import { createWriter, findTrackedRun, requestStop, type TrackedRun } from "../../track/index.ts";
import { resolveRunId } from "./resolve-run.ts";
import { withDatabase } from "./with-database.ts";

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
      await requestStop(transaction, run.number, reason, runtime.now().getTime());
      return run;
    });
  });
}
