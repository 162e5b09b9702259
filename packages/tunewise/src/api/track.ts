/** @file `tunewise/track`: reads runs, metrics and costs from the store. */
import { openStore as openWritable, type Store } from "@tunewise/tracker";

export type { Metric, Run, RunEvent, RunStatus } from "@tunewise/core/run";
export { storePath } from "@tunewise/tracker";
export { TunewiseError } from "../problem/index.ts";

/**
 * Read access to the store. All methods may throw `STORE_BUSY` or `STORE_UNREADABLE`.
 *
 * @example
 * import { openStore, type RunStore, storePath } from "tunewise/track";
 *
 * // what a run cost, in dollars
 * async function costOf(store: RunStore, run: string): Promise<number> {
 *   return (await store.totalSpend(run)).spent / 1e6;
 * }
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ limit: 1 });
 * console.log(newest && (await costOf(store, newest.id)) > 0); // true
 * await store.close();
 */
export interface RunStore
  extends Pick<
    Store,
    | "listRuns"
    | "findRun"
    | "metricKeys"
    | "metricHistory"
    | "tags"
    | "events"
    | "artifacts"
    | "scores"
    | "spend"
    | "totalSpend"
    | "close"
  > {}

/**
 * Opens a store of runs, and creates it if it does not exist. Close it to release the file or the connections.
 *
 * @param place path of a SQLite file, or `postgres://user:password@host:port/name`
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 * @example
 * import { openStore, storePath } from "tunewise/track";
 *
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ status: "completed", limit: 1 });
 * if (newest) {
 *   const losses = await store.metricHistory(newest.id, "train/loss");
 *   console.log(newest.name, losses.length); // small 8
 * }
 * await store.close();
 */
export async function openStore(place: string): Promise<RunStore> {
  return openWritable(place);
}
