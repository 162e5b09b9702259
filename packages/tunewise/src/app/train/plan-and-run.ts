/**
 * @file From a recipe to a finished run: plan, check for duplicates, consent, training, report. The only path by which
 * a new run starts; callers differ in how they show the plan, ask for consent and obtain the machine.
 */
import type { Seconds } from "@tunewise/core/quantity";
import type { EventBody, Placement } from "@tunewise/core/run";
import type { LoadedRecipe, OnDownload } from "../../prepare/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  approve,
  type ChosenPlace,
  type Consent,
  type PlannedRecipe,
  placementAt,
  planRecipe,
  requireUnblocked,
  type WorkerSite,
} from "../plan/index.ts";
import { findEarlierRuns } from "../runs/index.ts";
import type { RunOutcome } from "./finish.ts";
import { runRecipe } from "./run-recipe.ts";

/** A run to plan and to start. */
export interface RunRequest {
  readonly loaded: LoadedRecipe;
  /** Machine whose worker may compute the run; `null` if only the engine may. */
  readonly site: WorkerSite | null;
  /** What computes the run, or how to choose once the plan is known. */
  readonly by: Placement["kind"] | ((planned: PlannedRecipe) => Promise<ChosenPlace>);
  /** Reason to run although the same experiment was run before; recorded. */
  readonly force?: string | null;
  /** Command that errors tell the user to repeat. */
  readonly command: string;
  /** Max. time without a report from the run while it trains; default: half an hour. */
  readonly stallSeconds?: Seconds | undefined;
  /** When metering began, in seconds of the runtime's clock; default: now. Waiting for consent is not metered. */
  readonly meteredSince?: number;
}

/** A plan as shown to the person who decides. */
export interface ShownPlan {
  /** With findings about earlier runs. */
  readonly planned: PlannedRecipe;
  /** The findings about earlier runs alone. */
  readonly earlier: readonly Finding[];
  /** What computes the run; `reason` is `null` if the request determined it. */
  readonly by: Placement["kind"];
  readonly reason: string | null;
}

/** Trains at a site, with the runtime and the watcher of its caller. */
export type TrainAt = (
  site: WorkerSite | null,
  runtime: Runtime,
  onEvent: (event: EventBody) => void,
) => Promise<RunOutcome>;

/** The parts of a run that depend on who asks for it. */
export interface RunOptions {
  readonly onDownload?: OnDownload;
  /** Called before the worker traces steps for the plan; by default it traces none. */
  readonly onTrace?: (text: string) => void;
  readonly onPlan?: (shown: ShownPlan) => void | Promise<void>;
  readonly consent: (planned: PlannedRecipe) => Consent | Promise<Consent>;
  /** Called once the run is approved, before anything is written or rented. */
  readonly onApproved?: () => void;
  readonly onEvent: (event: EventBody) => void;
  /** Obtains the machine, trains on it and ends it. By default the run trains at the site of the request. */
  readonly within?: (train: TrainAt) => Promise<RunOutcome>;
}

/**
 * Plans a recipe, and runs it once it is approved.
 *
 * @throws {TunewiseError} `RUN_NOT_APPROVED`, `RUN_DUPLICATE`, and those of `planRecipe`, `approve` and `runRecipe`
 */
export async function planAndRun(
  request: RunRequest,
  options: RunOptions,
  runtime: Runtime,
): Promise<RunOutcome> {
  const { loaded, site, force = null, meteredSince = runtime.elapsedSeconds() } = request;
  const { onDownload, onTrace } = options;
  const traced = onTrace && site?.cards.length ? { onTrace } : {};
  const planned = await planRecipe(loaded, runtime, onDownload, { site, ...traced });
  const earlier = await findEarlierRuns(planned.prepared, runtime, force);
  return runPlanned(planned, earlier, { ...request, meteredSince }, options, runtime);
}

/**
 * Runs a planned recipe once it is approved.
 *
 * @param earlier findings about earlier runs
 * @throws {TunewiseError} `RUN_NOT_APPROVED`, `RUN_DUPLICATE`, and those of `approve` and `runRecipe`
 */
export async function runPlanned(
  planned: PlannedRecipe,
  earlier: readonly Finding[],
  request: Omit<RunRequest, "loaded">,
  { onPlan, consent: ask, onApproved, onEvent, within }: RunOptions,
  runtime: Runtime,
): Promise<RunOutcome> {
  const { site, command, force = null, stallSeconds, meteredSince = runtime.elapsedSeconds() } = request;
  const { by, reason } =
    typeof request.by === "function" ? await request.by(planned) : { by: request.by, reason: null };
  const findings = [...planned.findings, ...earlier];
  await onPlan?.({ planned: { ...planned, findings }, earlier, by, reason });
  requireUnblocked(planned, by);
  const asked = runtime.elapsedSeconds();
  const consent = await ask(planned);
  const waited = runtime.elapsedSeconds() - asked;
  const approveAt = (at: WorkerSite | null): ReturnType<typeof approve> => {
    const placement =
      at && by === "torch" ? placementAt(at, planned.plan, planned.prepared.recipe) : undefined;
    return approve(planned, consent, command, placement);
  };
  approveAt(site); // a run that must be refused is refused before a machine is obtained
  onApproved?.();
  const train: TrainAt = (at, place, watch) =>
    runRecipe(approveAt(at), place, watch, force, meteredSince + waited, stallSeconds);
  return within ? within(train) : train(site, runtime, onEvent);
}
