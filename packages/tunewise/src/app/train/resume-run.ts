/** @file `tunewise resume`: continues a run from its last checkpoint. */

import type { Seconds } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { readBeginning } from "@tunewise/tracker";
import { executedSpec, recallRun } from "../../executors/index.ts";
import type { CurveGuard } from "../../guard/index.ts";
import { type Plan, readPlan } from "../../plan/index.ts";
import {
  type LoadedRecipe,
  type OnDownload,
  type Prepared,
  prepare,
  type RecipeOverrides,
} from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { placementAt, placementOf, planRecipe, type WorkerSite } from "../plan/index.ts";
import {
  type Attached,
  attach,
  claimOf,
  type FoundRun,
  findRun,
  recipeOfRun,
  requireSharedBudget,
  withStore,
} from "../runs/index.ts";
import type { RunOutcome } from "./finish.ts";
import { liveTargets } from "./live/live-logs.ts";
import { withSession } from "./open-session.ts";
import { trainAndReport } from "./plan-and-run.ts";

/** Options of a resume. */
export interface ResumeOptions {
  readonly output?: string;
  readonly overrides?: RecipeOverrides;
  readonly watch: (event: EventBody) => void;
  readonly onDownload?: OnDownload;
  /** When metering began, in seconds of the runtime's clock; defaults to now. */
  readonly meteredSince?: number;
  /** Maximum time without a report from the run while it trains; defaults to half an hour. */
  readonly stallSeconds?: Seconds | undefined;
  /** A guard that the user overrules. This is recorded. */
  readonly overrule?: CurveGuard | null;
  /** A new place for the worker; defaults to the previous one. */
  readonly site?: WorkerSite | null;
  /** Whether the run's previous machine is known to be gone, so that nothing waits for it. */
  readonly isMachineGone?: boolean;
  /** Reason to continue although the same experiment is completed or running elsewhere. It is recorded. */
  readonly force?: string | null;
}

/**
 * Resumes a run under its approved plan. Only the caps may be raised.
 *
 * @throws {TunewiseError} `RUN_NOT_RESUMABLE`, `RUN_NOT_MOVABLE`, `RUN_DATA_CHANGED`, `RUN_LOCKED`, `RUN_DUPLICATE`,
 *   `SHARED_BUDGET_SPENT`, `RUN_STALLED`, `CHECKPOINT_BROKEN`, `TRACKING_ADDRESS_INVALID`, `TRACKING_KEY_MISSING`
 */
export async function resumeRun(word: string, runtime: Runtime, options: ResumeOptions): Promise<RunOutcome> {
  const found = await findRun(word, runtime, options.output);
  const { run, folder, output } = found;
  if (run.status === "completed") {
    throw problem("RUN_NOT_RESUMABLE", {
      run: run.id,
      status: run.status,
      reason: "there is nothing left to do",
    });
  }
  const loaded = await recipeOfRun(found, options.overrides);
  liveTargets(loaded.recipe.tracking, runtime);
  const { machine } = loaded.recipe;
  const { meteredSince = runtime.elapsedSeconds() } = options;
  const attached = await attach({ runId: run.id, output, folder, machine, meteredSince }, runtime);
  try {
    return await goOn(found, loaded, attached, runtime, options);
  } catch (error) {
    // time for reading is charged even if the run is refused
    await withStore(runtime, output, (store) => attached.settle(store)).catch(() => undefined);
    throw error;
  } finally {
    await attached.release();
  }
}

async function goOn(
  found: FoundRun,
  loaded: LoadedRecipe,
  attached: Attached,
  runtime: Runtime,
  options: ResumeOptions,
): Promise<RunOutcome> {
  const { run, folder, output } = found;
  await withStore(runtime, output, (store) => requireSharedBudget(store, loaded.recipe.name, runtime));
  const { prepared, plan } = await planned(found, loaded, runtime, options.onDownload);
  if (run.dataFingerprint !== "" && prepared.dataFingerprint !== run.dataFingerprint) {
    const [before, now] = [run.dataFingerprint.slice(0, 12), prepared.dataFingerprint.slice(0, 12)];
    throw problem("RUN_DATA_CHANGED", { run: run.id, before, now });
  }
  const claim = await withStore(runtime, output, async (store) => {
    const forced = options.force ?? (await store.tags(run.id))["tunewise.forced"] ?? null;
    return claimOf({ prepared, configuration: run.configuration, output, forced }, store, runtime);
  });
  const { watch, overrule = null } = options;
  const { id: runId, createdAt, configuration } = run;
  const place = { runId, createdAt, configuration, output, folder, attached };
  const computed = (await executedSpec(folder.path))?.placement;
  const site = options.site ?? null;
  if (site !== null && computed?.kind !== "torch")
    throw problem("RUN_NOT_MOVABLE", { run: runId, address: site.address });
  if (site !== null) await recallRun(folder.path, options.isMachineGone === true, runtime);
  const own = computed?.kind === "torch" ? computed : placementOf(plan);
  const placement = site === null ? own : placementAt(site, plan, prepared.recipe);
  const request = { ...place, prepared, plan, placement, runtime, overrule, claim };
  const { stallSeconds } = options;
  return withSession({ ...request, watch, stallSeconds }, trainAndReport);
}

/**
 * Prepares rows and model, and reads the approved plan from the run's folder or its journal. If neither has a readable
 * plan, plans again.
 */
async function planned(
  { folder }: FoundRun,
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<{ readonly prepared: Prepared; readonly plan: Plan }> {
  const own = readPlan(await readTextFile(folder.plan).catch(() => "")).plan;
  const copy = own ?? readPlan((await readBeginning(folder.record))?.plan ?? "").plan;
  if (copy !== null) return { prepared: await prepare(loaded, runtime, onDownload), plan: copy };
  runtime.note?.(`the plan in ${folder.plan} cannot be read: the run is planned anew, its caps hold`);
  return planRecipe(loaded, runtime, onDownload);
}
