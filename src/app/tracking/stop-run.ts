/**
 * @file `tunewise runs stop`: asks a run of any client to save and stop.
 */

import type { Host } from "../../runtime/index.ts";
import { createWriter, findTrackedRun, requestStop, type TrackedRun } from "../../track/index.ts";
import { namedRun } from "./named-run.ts";
import { withDatabase } from "./with-database.ts";

/**
 * Asks a run to stop.
 *
 * @param id an id, the start of one, or `latest`
 * @returns the run as it stood
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export function askRunToStop(
  id: string,
  reason: string,
  store: string | undefined,
  host: Host,
): Promise<TrackedRun> {
  return withDatabase(store, host, async (database) => {
    const named = await namedRun(database, id);
    return createWriter(database)(async (transaction) => {
      const run = await findTrackedRun(transaction, named);
      await requestStop(transaction, run.number, reason, host.now().getTime());
      return run;
    });
  });
}
