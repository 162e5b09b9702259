/** @file The embedded executor: computes a run with the engine, in this process. */
import { join } from "node:path";
import {
  type Capabilities,
  type Execution,
  type ExecutionEvent,
  type Executor,
  type Numbered,
  optimizers,
  type RunCommand,
  type RunResult,
  type RunSpec,
} from "@tunewise/core/run";
import { type CheckpointOwner, runFolderAt } from "@tunewise/tracker";
import { createTuned, openPreparedBase, type Prepared, prepareToTrain } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { workerKeys } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { modelPair } from "../../scoring/index.ts";
import { measureResult, type ResultNeeds, unmeasured } from "../measure/evaluate-result.ts";
import { ForgettingMonitor } from "../measure/forgetting-monitor.ts";
import { atStart, findState, intoTrainer } from "./checkpoints.ts";
import { EventChannel } from "./event-channel.ts";
import { type Regularization, regularizationOf } from "./regularization.ts";
import { type CommandQueue, type TrainingNeeds, train } from "./training.ts";
import { writeResult } from "./write-result.ts";

/** Capabilities of the engine. */
export const capabilities: Capabilities = {
  methods: ["full", "lora", "qlora"],
  regularization: ["l2-sp", "ewc", "replay"],
  outlivesController: false,
};

/**
 * Creates the executor.
 *
 * @param prepared rows that this process has already read, if later runs use the same ones; otherwise each run reads
 *   its own
 */
export function embeddedExecutor(runtime: Runtime, prepared: Prepared | null = null): Executor {
  return {
    capabilities,
    start: async (spec) => startEmbedded(spec, runtime, prepared),
  };
}

/** How a computation communicates with its controller. */
interface Wire {
  readonly report: (event: ExecutionEvent) => Promise<void>;
  readonly commands: CommandQueue;
  /** Aborts when the user interrupts, or a measurement is stopped. */
  readonly signal: AbortSignal;
}

/** Starts a run. @param observe called with every event as it happens, even without a reader */
export function startEmbedded(
  spec: RunSpec,
  runtime: Runtime,
  prepared: Prepared | null,
  observe: (event: Numbered<ExecutionEvent>) => void = () => undefined,
): Execution {
  const channel = new EventChannel<ExecutionEvent>(observe);
  const commands: CommandQueue = [];
  const stopped = new AbortController();
  let isStepping = false;
  const report = (event: ExecutionEvent): Promise<void> => {
    if (event.kind === "step-start") isStepping = true;
    if (event.kind === "training-end") isStepping = false;
    return channel.put(event);
  };
  const signal = AbortSignal.any([runtime.signal, stopped.signal]);
  const ended = new AbortController();
  const result = Promise.race([
    compute(spec, runtime, prepared, { report, commands, signal }),
    new Promise<never>((_, reject) =>
      ended.signal.addEventListener("abort", () => reject(ended.signal.reason)),
    ),
  ]);
  // `result()` reports the failure
  void result.catch(() => undefined).then(() => channel.close());
  return {
    events: (after) => channel.read(after),
    send: (command: RunCommand) => {
      // while stepping, a stop first saves a checkpoint; opening and measuring are aborted at once
      if (command.kind === "stop" && !isStepping) stopped.abort();
      commands.push(command);
    },
    result: () => result,
    detach: () => {
      // no controller meters it now, so without a limit of its own it stops
      if (spec.limits.seconds === null) commands.push({ kind: "stop" });
      channel.detach();
    },
    isActive: () => true,
    // the computation runs in this process and cannot be killed, so it is abandoned
    end: () => ended.abort(problem("EXECUTION_LOST", { run: spec.run, how: "was terminated" })),
  };
}

/** @throws {TunewiseError} `RUN_DATA_CHANGED`, and the errors of `prepare` and of the engine */
async function compute(
  spec: RunSpec,
  runtime: Runtime,
  given: Prepared | null,
  wire: Wire,
): Promise<RunResult> {
  const startedAt = runtime.elapsedSeconds();
  const secondsLeft = (): number =>
    spec.limits.seconds === null
      ? Number.POSITIVE_INFINITY
      : spec.limits.seconds - (runtime.elapsedSeconds() - startedAt);
  const prepared = given ?? (await prepareToTrain(spec, runtime));
  if (prepared.dataFingerprint !== spec.data.fingerprint) {
    const [before, now] = [spec.data.fingerprint, prepared.dataFingerprint].map((one) => one.slice(0, 12));
    throw problem("RUN_DATA_CHANGED", { run: spec.run, before: before ?? "", now: now ?? "" });
  }
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const opened = await open({ spec, prepared, runtime, wire, secondsLeft }, closing);
    const { trainer, start, regularization } = opened;
    await wire.report({
      kind: "training-start",
      steps: trainer.steps,
      stepsPerEpoch: trainer.stepsPerEpoch,
      state: start,
      rateScale: trainer.rateScale,
      vocabularySize: opened.model.vocabularySize,
      trainedParameters: opened.adapter.parameterCount,
      modelParameters: opened.model.parameterCount,
      regularization: regularization && {
        seconds: regularization.seconds,
        bytes: regularization.bytes,
      },
    });
    const trained = await train(opened);
    await wire.report({ kind: "training-end", ...trained });
    const asked = wire.commands.find(({ kind }) => kind === "evaluate");
    const { peakMemoryBytes } = runtime;
    if (asked?.kind !== "evaluate")
      return { ...trained, selectedStep: null, measured: unmeasured, peakMemoryBytes: peakMemoryBytes() };
    await trainer.release(); // frees memory for the evaluation
    const selectedStep = await writeResult(opened, trained);
    const measured = await measureResult(opened, asked.measure);
    return { ...trained, selectedStep, measured, peakMemoryBytes: peakMemoryBytes() };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

interface Inputs {
  readonly spec: RunSpec;
  readonly prepared: Prepared;
  readonly runtime: Runtime;
  readonly wire: Wire;
  readonly secondsLeft: () => number;
}

interface Opened extends TrainingNeeds, ResultNeeds {
  readonly regularization: Regularization | null;
}

/** Opens the model, creates the trainable weights, and restores the newest checkpoint. */
async function open(
  { spec, prepared, runtime, wire, secondsLeft }: Inputs,
  closing: (() => Promise<unknown>)[],
): Promise<Opened> {
  const { recipe, tokenizer, forgetting: data } = prepared;
  const { report, signal } = wire;
  if (spec.placement.kind !== "this-machine")
    throw new Error(`Internal: the engine does not compute at ${spec.placement.kind}`);
  const lacking = workerKeys(recipe);
  if (lacking.length > 0) throw problem("ENGINE_SETTING_UNKNOWN", { keys: lacking.join(", ") });
  const { base, recompute } = spec.placement;
  const folder = runFolderAt(spec.folder);
  const progress = (name: string) => (done: number, total: number) =>
    void report({ kind: "phase", name, done, total });
  const work = (name: string) => report({ kind: "work-start", work: name, isBooked: false });
  if (recipe.method.calibrate) await work("calibration");
  const cancellable = { ...runtime, signal };
  const { dataFingerprint } = prepared;
  const onLayer = progress("calibration of the base");
  const model = await openPreparedBase(prepared, base, cancellable, dataFingerprint, onLayer);
  closing.push(() => model.close());
  const adapter = await createTuned(model, recipe, prepared.model.revision);
  if (recipe.regularization.method === "ewc") await work("importance");
  const onRow = progress("importance of weights");
  const regularization = await regularizationOf(model, adapter, prepared, folder, cancellable, onRow);
  const trainer = await model.createTrainer(adapter, prepared.encoded.train.rows, {
    ...recipe.training,
    optimizer: optimizers[recipe.training.optimizer].engine,
    recompute,
    maxLength: recipe.data.maxLength,
    penalty: regularization?.penalty ?? null,
    momentsPath: recipe.training.optimizerState === "disk" ? join(folder.path, "moments.bin") : null,
  });
  closing.push(() => trainer.release());
  const owner: CheckpointOwner = {
    run: spec.run,
    model: prepared.model.revision,
    data: prepared.dataFingerprint,
    recipe: spec.recipe.sha256,
  };
  const found = await findState(folder, { owner, restore: intoTrainer(trainer) });
  for (const finding of found?.checkpoint.findings ?? []) await report({ kind: "finding", finding });
  await work("train");
  const start = found ? { ...found.info, sessions: found.info.sessions + 1 } : atStart;
  const { elapsedSeconds } = runtime;
  const models = modelPair(model, adapter);
  const shared = { models, folder, signal, secondsLeft, elapsedSeconds };
  const forgetting =
    data && new ForgettingMonitor({ ...shared, tokenizer, recipe, material: data }, start.forgetting);
  return {
    ...shared,
    model,
    adapter,
    prepared,
    recipe,
    storage: base.format,
    owner,
    start,
    trainer,
    forgetting,
    regularization,
    spec,
    report,
    commands: wire.commands,
    revision: prepared.model.revision,
    validation: prepared.encoded.validation.rows,
  };
}
