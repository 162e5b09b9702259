/** @file Records a program's own training loop. */
import { type LoopRequest, type RecordedLoop, recordLoop } from "../app/tracking/index.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { RecordedLoop } from "../app/tracking/index.ts";

/** What `startRun` records. */
export interface StartOptions extends LoopRequest, WithRuntime {}

/**
 * Records your own training loop as a run: in `tunewise runs list`, on the page and in exports, with its cost. Points
 * are written every second, so a killed process loses at most that.
 *
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT` if a budget of the project is spent, `USAGE_VALUE_INVALID`,
 *   `STORE_UNREADABLE`, `STORE_BUSY`
 * @example
 * import { reportCosts, startRun } from "tunewise/track";
 *
 * const run = await startRun({ project: "own-loops", params: { learning_rate: 0.1 }, usdPerHour: 2, store: "own" });
 * for (let step = 0; step < 3 && run.stopReason === null; step++) run.log({ loss: 1 / (step + 1) }, { step });
 * await run.end();
 * const { groups } = await reportCosts({ store: "own" });
 * console.log(groups.map(({ name, runs }) => `${name} ${runs}`)); // [ 'own-loops 1' ]
 */
export function startRun({ runtime, ...request }: StartOptions): Promise<RecordedLoop> {
  return recordLoop(request, runtimeOf({ runtime }));
}
