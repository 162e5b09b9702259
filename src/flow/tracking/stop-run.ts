/**
 * @file `tunewise stop`: asks a run of any client to save and stop.
 */
import { createWriter, findTrackedRun, requestStop, type TrackedRun } from "../../track/index.ts";
import type { Host } from "../host.ts";
import { withDatabase } from "./with-database.ts";

/**
 * Asks a run to stop.
 *
 * @returns the run as it stood
 * @throws {TunewiseError} `RUN_NOT_FOUND`
 */
export function askRunToStop(
  id: string,
  reason: string,
  store: string | undefined,
  host: Host,
): Promise<TrackedRun> {
  return withDatabase(store, host, (database) =>
    createWriter(database)(async (transaction) => {
      const run = await findTrackedRun(transaction, id);
      await requestStop(transaction, run.number, reason, host.now().getTime());
      return run;
    }),
  );
}
