/** @file Opens everything a sitting needs and closes it again, whatever happens in between. */
import { join } from "node:path";
import {
  atStart,
  ForgettingMonitor,
  findState,
  intoTrainer,
  ownerOf,
  regularizationOf,
} from "../../executors/index.ts";
import type { CurveGuard } from "../../guard/index.ts";
import type { Plan } from "../../plan/index.ts";
import { createTuned, openPreparedBase, type Prepared } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { EventBody, RunStatus } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type Claim,
  type JournaledStore,
  openEventLog,
  openRuns,
  type RunFolder,
} from "../../track/index.ts";
import { type Attached, attach, duplicateProblem, Meter } from "../runs/index.ts";
import { readEarlierVerdicts } from "./earlier-verdicts.ts";
import { findTarget } from "./find-target.ts";
import { openLiveLogs } from "./live/live-logs.ts";
import { Recorder, type RecorderTargets } from "./recorder.ts";
import { type RunSession, secondsLeft } from "./session.ts";

/** Which run to sit down to. */
export interface SessionRequest {
  readonly runId: string;
  readonly createdAt: string;
  /** The effective configuration that the run began with. */
  readonly configuration: string;
  readonly output: string;
  readonly folder: RunFolder;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly runtime: Runtime;
  readonly watch: (event: EventBody) => void;
  /** A guard whose stop a person overrules from here on. */
  readonly overrule?: CurveGuard | null;
  /** When metering began, in seconds of the host; default: as the sitting opens. */
  readonly meteredSince?: number | undefined;
  /** A run that this process has taken already; default: it is taken now, and given back. */
  readonly attached?: Attached | undefined;
  /** What a run that is taken up again is known by: the same must not be at work or completed elsewhere. */
  readonly claim?: Claim;
}

/**
 * Opens a sitting, does `work`, closes everything.
 *
 * @throws {TunewiseError} `RUN_LOCKED` where another process works on the run, `RUN_DUPLICATE` where the same is
 *   completed or at work elsewhere
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
    closing.push(() => attached.settle(store).catch(() => undefined)); // else the next who looks does it
    await store.catchUp(runId);
    const rival = claim ? await store.takeUp(runId, claim) : null;
    if (rival) throw await duplicateProblem(store, rival);
    const log = await openEventLog(folder.events);
    closing.push(() => log.close());
    const result = await sitDown(request, { runId, store, log, attached }, closing, work);
    const failure = await closeAll(closing);
    if (failure !== null) throw failure.error;
    return result;
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** Closes everything, the last opened first, whatever fails; the list is empty then. Gives the first failure. */
async function closeAll(closing: (() => Promise<unknown>)[]): Promise<{ readonly error: unknown } | null> {
  let first: { readonly error: unknown } | null = null;
  for (const close of closing.splice(0).reverse()) {
    await close().catch((error: unknown) => {
      first ??= { error };
    });
  }
  return first;
}

/** What is open before the model is. */
interface Opened extends Pick<RecorderTargets, "runId" | "log"> {
  readonly store: JournaledStore;
  readonly attached: Attached;
}

async function sitDown<Result>(
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
  const demandFolder = async (): Promise<void> => {
    if (!(await attached.isHeld())) throw problem("RUN_FOLDER_GONE", { run: runId, path: folder.path });
  };
  const opened = { runId, store, recorder, meter, live, demandFolder };
  try {
    await bookPreparing(recorder);
    const result = await work(await openSession(request, opened, closing));
    await endLive("stopped"); // a trial that pauses; a run that ended has said how
    return result;
  } catch (error) {
    // the error is what counts; where even this cannot be written, the next who looks finds the run dead
    await recorder.write({ status: "failed", endedAt: now().toISOString() }).catch(() => undefined);
    await endLive("failed").catch(() => undefined);
    throw error;
  }
}

/** What came before the sitting: the start of the process, reading, checking and tokenizing. */
async function bookPreparing(recorder: Recorder): Promise<void> {
  const { phase } = recorder;
  recorder.phase = "prepare";
  await recorder.write();
  recorder.phase = phase;
}

async function openSession(
  { prepared, plan, runtime, folder, createdAt, configuration, overrule = null }: SessionRequest,
  opened: Pick<RunSession, "runId" | "store" | "recorder" | "meter" | "live" | "demandFolder">,
  closing: (() => Promise<unknown>)[],
): Promise<RunSession> {
  const { recipe, model: files } = prepared;
  const { recorder, runId } = opened;
  if (recipe.method.calibrate) recorder.phase = "calibration";
  const model = await openPreparedBase(
    prepared,
    plan.schedule.base,
    runtime,
    prepared.dataFingerprint,
    (done, total) => {
      void recorder.tell({ kind: "phase", name: "calibration of the base", done, total });
    },
  );
  closing.push(() => model.close());
  const adapter = await createTuned(model, recipe, files.revision);
  recorder.phase = "importance";
  const keeping = await regularizationOf(model, adapter, prepared, folder, runtime, (done, total) => {
    void recorder.tell({ kind: "phase", name: "importance of weights", done, total });
  });
  const trainer = await model.createTrainer(adapter, prepared.encoded.train.rows, {
    ...recipe.training,
    recompute: plan.schedule.recompute,
    maxLength: recipe.data.maxLength,
    penalty: keeping?.penalty ?? null,
    momentsPath: recipe.training.optimizerState === "disk" ? join(folder.path, "moments.bin") : null,
  });
  closing.push(() => trainer.release());
  const owner = ownerOf(runId, prepared, configuration);
  const found = await findState(folder, { owner, restore: intoTrainer(trainer) });
  for (const finding of found?.checkpoint.findings ?? []) await recorder.tell({ kind: "finding", finding });
  const start = found ? { ...found.info, sessions: found.info.sessions + 1 } : atStart;
  const { forgetting: material, tokenizer } = prepared;
  const secondsToCap = (): number => secondsLeft({ recipe, meter: opened.meter });
  const needs = { model, adapter, tokenizer, recipe, folder, runtime, secondsLeft: secondsToCap };
  const forgetting = material && new ForgettingMonitor({ ...needs, material }, start.forgetting);
  await recorder.tell({ kind: "run-start", runId, steps: trainer.steps, resumedFromStep: trainer.step });
  if (overrule !== null) {
    await recorder.tell({ kind: "guard-overruled", step: trainer.step, guard: overrule });
    await recorder.write();
  }
  return {
    ...opened,
    owner,
    createdAt,
    runtime,
    recipe,
    prepared,
    plan,
    folder,
    model,
    adapter,
    trainer,
    regularization: keeping,
    forgetting,
    start,
    target: await findTarget(opened.store, prepared, runId),
    earlier: await readEarlierVerdicts(folder.events),
  };
}
