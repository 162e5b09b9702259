/** @file Opens a run's record, starts its execution, and closes everything again even after errors. */
import { createHash } from "node:crypto";
import { type Seconds, seconds } from "@tunewise/core/quantity";
import type {
  EventBody,
  Execution,
  ExecutionEvent,
  Executor,
  Numbered,
  Placement,
  RunSpec,
  RunStatus,
  StopCause,
} from "@tunewise/core/run";
import { type Claim, type JournaledStore, openEventLog, openRuns, type RunFolder } from "@tunewise/tracker";
import { embeddedExecutor, leaseEndOf, torchExecutor } from "../../executors/index.ts";
import type { CurveGuard } from "../../guard/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import { interruptCause, type Runtime } from "../../runtime/index.ts";
import { type Attached, attach, capsTags, Meter, refuseDuplicate } from "../runs/index.ts";
import { readEarlierVerdicts } from "./earlier-verdicts.ts";
import { findTarget } from "./find-target.ts";
import { openLiveLogs } from "./live/live-logs.ts";
import { Recorder, type RecorderTargets } from "./recorder.ts";
import { type Reported, type RunSession, secondsLeft } from "./session.ts";
import { defaultStallSeconds, WatchedEvents } from "./stall-watch.ts";

/** The run to control. */
export interface SessionRequest {
  readonly runId: string;
  readonly createdAt: string;
  /** The run's original effective configuration. */
  readonly configuration: string;
  readonly output: string;
  readonly folder: RunFolder;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly placement: Placement;
  /** Runs the training; defaults to the executor of the placement, in this process or started by it. */
  readonly executor?: Executor | undefined;
  /** Fraction of the steps at which to pause. */
  readonly until?: number | null | undefined;
  /** Learning rates of a range test. */
  readonly sweep?: RunSpec["sweep"] | undefined;
  /** Maximum time without a report from the run while it trains; defaults to half an hour. */
  readonly stallSeconds?: Seconds | undefined;
  readonly runtime: Runtime;
  readonly watch: (event: EventBody) => void;
  /** A guard that the user overrules from now on. */
  readonly overrule?: CurveGuard | null;
  /** When metering began, in seconds of the runtime's clock; defaults to now. */
  readonly meteredSince?: number | undefined;
  /**
   * The attached run, if this process is attached already. Otherwise the session attaches to the run and releases it at
   * the end.
   */
  readonly attached?: Attached | undefined;
  /** Identity of a resumed run. The same experiment must not be running or completed elsewhere. */
  readonly claim?: Claim;
}

/**
 * Opens a session, runs `work`, and closes everything.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if another process is attached to the run, `RUN_DUPLICATE` if the same
 *   experiment is completed or running elsewhere
 */
export async function withSession<Result>(
  request: SessionRequest,
  work: (session: RunSession) => Promise<Result>,
): Promise<Result> {
  const { folder, runtime, runId, claim, output, prepared } = request;
  const { meteredSince = runtime.elapsedSeconds() } = request;
  const { machine } = prepared.recipe;
  const attached =
    request.attached ?? (await attach({ runId, output, folder, machine, meteredSince }, runtime));
  const closing: (() => Promise<unknown>)[] = request.attached ? [] : [() => attached.release()];
  try {
    const store = await openRuns(request.output);
    closing.push(() => store.close());
    closing.push(() => attached.settle(store).catch(() => undefined)); // otherwise the next reader does it
    await store.catchUp(runId);
    const duplicate = claim ? await store.takeUp(runId, claim) : null;
    if (duplicate && claim) await refuseDuplicate(duplicate, claim, store, runtime);
    const log = await openEventLog(folder.events);
    closing.push(() => log.close());
    const result = await inSession(request, { runId, store, log, attached }, closing, work);
    const failure = await closeAll(closing);
    if (failure !== null) throw failure.error;
    return result;
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** Closes everything in reverse order even if a step fails. Returns the first failure. */
async function closeAll(closing: (() => Promise<unknown>)[]): Promise<{ readonly error: unknown } | null> {
  let first: { readonly error: unknown } | null = null;
  for (const close of closing.splice(0).reverse()) {
    await close().catch((error: unknown) => {
      first ??= { error };
    });
  }
  return first;
}

/** Resources opened before the execution starts. */
interface Opened extends Pick<RecorderTargets, "runId" | "log"> {
  readonly store: JournaledStore;
  readonly attached: Attached;
}

async function inSession<Result>(
  request: SessionRequest,
  { runId, store, log, attached }: Opened,
  closing: (() => Promise<unknown>)[],
  work: (session: RunSession) => Promise<Result>,
): Promise<Result> {
  const { runtime, watch, folder } = request;
  const { recipe } = request.prepared;
  const { elapsedSeconds, now } = runtime;
  const meter = new Meter(
    elapsedSeconds,
    recipe.machine.usdPerHour,
    await store.totalSpend(runId),
    attached.meteredSince,
  );
  const tags = [{ key: "tunewise.data_fingerprint", value: request.prepared.dataFingerprint }];
  const live = openLiveLogs(recipe, { id: runId, startedMs: Date.parse(request.createdAt), tags }, runtime);
  const endLive = async (status: RunStatus): Promise<void> => {
    const nothing = { results: [], best: null };
    await live.end({ status, endedMs: now().getTime(), points: () => store.pointCount(runId), ...nothing });
  };
  const clock = { now, elapsedSeconds };
  const recorder = new Recorder({ runId, recipe, store, log, meter, attached, ...clock, watch, live });
  const requireFolder = async (): Promise<void> => {
    if (!(await attached.isHeld())) throw problem("RUN_FOLDER_GONE", { run: runId, path: folder.path });
  };
  const opened = { runId, store, recorder, meter, live, requireFolder };
  try {
    await recorder.keep({ tags: capsTags({ ...request, id: runId }, recipe.budget) });
    await bookPreparing(recorder);
    const result = await work(await openSession(request, opened, closing));
    await endLive("stopped"); // a paused trial has not reported its end, while other runs have
    return result;
  } catch (error) {
    const end = endAfter(error, runtime.signal);
    const leaseEnd = leaseEndOf(error);
    // The original error matters most. If even this record cannot be written, the next reader marks the run as dead.
    if (leaseEnd !== null) await recorder.closeMeter(leaseEnd).catch(() => undefined);
    await recorder.write({ ...end, endedAt: now().toISOString() }).catch(() => undefined);
    await endLive(end.status).catch(() => undefined);
    throw error;
  }
}

/** Status and cause of a run whose session failed. */
function endAfter(
  error: unknown,
  signal: AbortSignal,
): { readonly status: Exclude<RunStatus, "running">; readonly stoppedBy: StopCause } {
  const code = TunewiseError.is(error) ? error.code : "";
  if (code === "START_INTERRUPTED") return { status: "interrupted", stoppedBy: interruptCause(signal) };
  if (code === "START_OVER_CAP") return { status: "stopped", stoppedBy: "cap" };
  return { status: "failed", stoppedBy: lostMachine.has(code) ? "machine" : "fault" };
}

/** Problems that mean that the run's machine or worker is gone. The run itself is not at fault. */
const lostMachine: ReadonlySet<string> = new Set([
  "EXECUTION_LOST",
  "MACHINE_LOST",
  "RAY_AGENT_FAILED",
  "RAY_UNREACHABLE",
  "SSH_UNREACHABLE",
]);

/** Books the time before the session: starting the process, reading, checking and tokenizing. */
async function bookPreparing(recorder: Recorder): Promise<void> {
  const { phase } = recorder;
  recorder.phase = "prepare";
  await recorder.write();
  recorder.phase = phase;
}

async function openSession(
  request: SessionRequest,
  opened: Pick<RunSession, "runId" | "store" | "recorder" | "meter" | "live" | "requireFolder">,
  closing: (() => Promise<unknown>)[],
): Promise<RunSession> {
  const { prepared, plan, placement, runtime, folder, createdAt, overrule = null } = request;
  const { recorder, runId } = opened;
  const { executor = executorOf(request) } = request;
  const execution = await executor.start(specOf(request, opened.meter));
  const events = execution.events()[Symbol.asyncIterator]();
  closing.push(async () => {
    await events.return?.();
    await execution.result().catch(() => undefined); // computation must end before the record is closed
  });
  const start = await untilTraining(execution, events, recorder);
  const { steps, state } = start;
  await recorder.record({ kind: "run-start", runId, steps, resumedFromStep: state.step });
  if (overrule !== null) {
    await recorder.record({ kind: "guard-overruled", step: state.step, guard: overrule });
    await recorder.write();
  }
  const { stallSeconds = defaultStallSeconds } = request;
  return {
    ...opened,
    createdAt,
    runtime,
    recipe: prepared.recipe,
    prepared,
    plan,
    placement,
    folder,
    execution,
    start,
    events: new WatchedEvents(events, execution, stallSeconds, stepOf(plan, steps)),
    target: await findTarget(opened.store, prepared, runId),
    earlier: await readEarlierVerdicts(folder.events),
  };
}

/** Planned time of a step, at the high end. */
function stepOf({ time }: Plan, steps: number): Seconds {
  const training = time.parts.find(({ name }) => name === "train");
  return seconds((training?.seconds.high ?? 0) / Math.max(1, steps));
}

/** Chooses the executor of a placement. */
function executorOf({ placement, runtime, prepared }: SessionRequest): Executor {
  return placement.kind === "torch" ? torchExecutor(runtime, prepared) : embeddedExecutor(runtime, prepared);
}

/** The specification of the run for its executor. */
function specOf(
  { runId, folder, configuration, prepared, placement, until = null, sweep = null }: SessionRequest,
  meter: Meter,
): RunSpec {
  const { recipe, loaded, model } = prepared;
  const left = secondsLeft({ recipe, meter });
  return {
    v: 1,
    run: runId,
    folder: folder.path,
    placement,
    until,
    sweep,
    recipe: {
      configuration: effectiveConfiguration(recipe),
      folder: loaded.folder,
      sha256: createHash("sha256").update(configuration).digest("hex"),
    },
    model: { source: recipe.model.source, revision: model.revision },
    data: { fingerprint: prepared.dataFingerprint },
    limits: { seconds: Number.isFinite(left) ? left : null },
  };
}

/** Records events until the training starts. */
async function untilTraining(
  execution: Execution,
  events: AsyncIterator<Numbered<ExecutionEvent>>,
  recorder: Recorder,
): Promise<Reported<"training-start">> {
  for (;;) {
    const next = await events.next();
    if (next.done) break;
    const { seq: _, ...event } = next.value;
    if (event.kind === "training-start") return event;
    if (event.kind === "work-start") await recorder.startWork(event);
    else if (event.kind === "finding" || event.kind === "phase") await recorder.record(event);
  }
  await execution.result(); // rejects with the cause of the end
  throw new Error("Internal: an execution ended before its training started");
}
