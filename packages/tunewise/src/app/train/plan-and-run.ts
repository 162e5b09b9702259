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
  type ApprovedPlan,
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
import { type BegunRun, beginRun } from "./begin-run.ts";
import { finish, type RunOutcome } from "./finish.ts";
import { liveTargets } from "./live/live-logs.ts";
import { type SessionRequest, withSession } from "./open-session.ts";
import type { RunSession } from "./session.ts";
import { train } from "./train.ts";

/** A run to plan and to start. */
export interface RunRequest {
  readonly loaded: LoadedRecipe;
  /** Machine whose worker may compute the run; `null` if only the engine may. */
  readonly site: WorkerSite | null;
  /** What computes the run: its exact placement, a kind at the site, or how to choose once the plan is known. */
  readonly by: Placement | Placement["kind"] | ((planned: PlannedRecipe) => Promise<ChosenPlace>);
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
export type TrainAt<Result = RunOutcome> = (
  site: WorkerSite | null,
  runtime: Runtime,
  onEvent: (event: EventBody) => void,
) => Promise<Result>;

/** The parts of a run that depend on who asks for it. */
export interface RunOptions<Result = RunOutcome> {
  readonly onDownload?: OnDownload;
  /** Called before the worker traces steps for the plan; by default it traces none. */
  readonly onTrace?: (text: string) => void;
  readonly onPlan?: (shown: ShownPlan) => void | Promise<void>;
  readonly consent: (planned: PlannedRecipe) => Consent | Promise<Consent>;
  /** Called once the run is approved, before anything is written or rented. */
  readonly onApproved?: () => void;
  readonly onEvent: (event: EventBody) => void;
  /** Obtains the machine, trains on it and ends it. By default the run trains at the site of the request. */
  readonly within?: (train: TrainAt<Result>) => Promise<Result>;
}

/** Options of a run that is planned: a search pauses its trials, other runs train to the end. */
export interface SessionOptions<Result>
  extends RunOptions<Result>,
    Pick<SessionRequest, "until" | "sweep" | "executor"> {
  /** A run that exists already. By default a new one begins. */
  readonly begun?: BegunRun;
  /** Work of the session, such as `trainAndReport`. */
  readonly work: (session: RunSession) => Promise<Result>;
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
  const run = { ...options, work: trainAndReport };
  return runPlanned(planned, earlier, { ...request, meteredSince }, run, runtime);
}

/**
 * Runs a planned recipe once it is approved.
 *
 * @param earlier findings about earlier runs
 * @throws {TunewiseError} `RUN_NOT_APPROVED`, `RUN_DUPLICATE`, `RUN_STALLED`, `TRACKING_ADDRESS_INVALID`,
 *   `TRACKING_KEY_MISSING`, and those of `approve`
 */
export async function runPlanned<Result>(
  planned: PlannedRecipe,
  earlier: readonly Finding[],
  request: Omit<RunRequest, "loaded">,
  options: SessionOptions<Result>,
  runtime: Runtime,
): Promise<Result> {
  const { onPlan, consent: ask, onApproved, onEvent, within } = options;
  const { site, command, meteredSince = runtime.elapsedSeconds() } = request;
  const chosen =
    typeof request.by === "function" ? await request.by(planned) : { by: request.by, reason: null };
  const { reason } = chosen;
  const fixed = typeof chosen.by === "object" ? chosen.by : undefined;
  const by = typeof chosen.by === "object" ? chosen.by.kind : chosen.by;
  const findings = [...planned.findings, ...earlier];
  await onPlan?.({ planned: { ...planned, findings }, earlier, by, reason });
  requireUnblocked(planned, by);
  const since = runtime.elapsedSeconds();
  const consent = await ask(planned);
  const waited = runtime.elapsedSeconds() - since;
  const approveAt = (at: WorkerSite | null): ApprovedPlan => {
    const placed = at && by === "torch" ? placementAt(at, planned.plan, planned.prepared.recipe) : fixed;
    return approve(planned, consent, command, placed);
  };
  approveAt(site); // a run that must be refused is refused before a machine is obtained
  onApproved?.();
  const metered = { ...request, meteredSince: meteredSince + waited };
  const trainAt: TrainAt<Result> = (at, place, watch) =>
    execute(approveAt(at), metered, { ...options, onEvent: watch }, place);
  return within ? within(trainAt) : trainAt(site, runtime, onEvent);
}

/**
 * Runs a plan that was approved before: that of a library user, or a trial's with its search.
 *
 * @throws {TunewiseError} as `runPlanned`
 */
export function runApproved<Result>(
  approved: PlannedRecipe & Pick<ApprovedPlan, "placement">,
  {
    force,
    stallSeconds,
    ...options
  }: Omit<SessionOptions<Result>, "consent"> & Pick<RunRequest, "force" | "stallSeconds">,
  runtime: Runtime,
): Promise<Result> {
  const { plan, placement: by } = approved;
  const request = { site: null, by, force: force ?? null, stallSeconds, command: "tunewise run" };
  return runPlanned(approved, [], request, { ...options, consent: () => ({ kind: "saved", plan }) }, runtime);
}

/** Begins an approved run, unless it exists, and works on it in a session. */
async function execute<Result>(
  { prepared, plan, placement }: ApprovedPlan,
  { force = null, meteredSince, stallSeconds }: Pick<RunRequest, "force" | "meteredSince" | "stallSeconds">,
  { begun, work, onEvent, until, sweep, executor }: SessionOptions<Result>,
  runtime: Runtime,
): Promise<Result> {
  liveTargets(prepared.recipe.tracking, runtime); // throws before anything begins
  const run = begun ?? (await beginRun({ prepared, plan, force, summary: {} }, runtime));
  const how = { placement, until, sweep, executor, meteredSince, stallSeconds };
  return withSession({ ...run, ...how, prepared, plan, runtime, watch: onEvent }, work);
}

/** Trains to the end, evaluates the result, and reports. */
export async function trainAndReport(session: RunSession): Promise<RunOutcome> {
  return finish(session, await train(session));
}
