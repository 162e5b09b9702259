/** @file `tunewise run`: executes an approved plan. */
import type { Seconds } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { Runtime } from "../../runtime/index.ts";
import type { ApprovedPlan } from "../plan/index.ts";
import { beginRun } from "./begin-run.ts";
import { finish, type RunOutcome } from "./finish.ts";
import { liveTargets } from "./live/live-logs.ts";
import { withSession } from "./open-session.ts";
import { train } from "./train.ts";

/**
 * Trains, evaluates and reports. A run that ends early leaves a checkpoint from which it can be resumed.
 *
 * @param meteredSince when metering began, in seconds of the runtime's clock; defaults to now
 * @param force reason to run although the same experiment was run before, which is recorded
 * @param stallSeconds maximum time without a report from the run while it trains; defaults to half an hour
 * @throws {TunewiseError} `RUN_DUPLICATE`, `RUN_STALLED`, `TRACKING_ADDRESS_INVALID`, `TRACKING_KEY_MISSING`
 */
export async function runRecipe(
  approved: ApprovedPlan,
  runtime: Runtime,
  watch: (event: EventBody) => void,
  force: string | null = null,
  meteredSince: number = runtime.elapsedSeconds(),
  stallSeconds?: Seconds,
): Promise<RunOutcome> {
  const { prepared, plan, placement } = approved;
  liveTargets(prepared.recipe.tracking, runtime); // throws before anything begins
  const begun = await beginRun({ prepared, plan, force, summary: {} }, runtime);
  return withSession(
    { ...begun, prepared, plan, placement, runtime, watch, meteredSince, stallSeconds },
    async (session) => finish(session, await train(session)),
  );
}
