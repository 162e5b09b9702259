/**
 * @file The PyTorch executor: a Python process trains, and this process measures forgetting and answers through it, so
 * that all scoring is implemented once.
 */
import { basename, join, relative } from "node:path";
import type {
  Capabilities,
  Execution,
  ExecutionEvent,
  Numbered,
  RemoteHost,
  RunCommand,
  RunResult,
  RunSpec,
  TrainingState,
} from "@tunewise/core/run";
import { readFisher, writeFisher } from "@tunewise/engine";
import { removeDrafts, runFolderAt } from "@tunewise/tracker";
import { packageFile } from "../../catalog/index.ts";
import { type Prepared, prepareToTrain, resultFolder } from "../../prepare/index.ts";
import { findingOf, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { decodingFor, isStructured } from "../../scoring/index.ts";
import { EventChannel } from "../embedded/event-channel.ts";
import { measureResult, type ResultNeeds } from "../measure/evaluate-result.ts";
import { ForgettingMonitor } from "../measure/forgetting-monitor.ts";
import { exists, joinEarlier } from "../measure/importance.ts";
import { selectCheckpoint } from "../measure/select-checkpoint.ts";
import type { Pause, ProcessExecution } from "../process/execution.ts";
import { attachProcess, executedSpec, type ProcessExecutor, startProcess } from "../process/process.ts";
import { executionFolder } from "../process/protocol.ts";
import { attachRemote, type RemoteNeeds, type RemoteRun, startRemote } from "../remote/remote.ts";
import { torchImportancePath, writeJob } from "./job.ts";
import { torchModelFolder } from "./model-folder.ts";
import { workerPython } from "./python.ts";
import { remoteModels } from "./remote-models.ts";

/** Capabilities of the worker. */
const capabilities: Capabilities = {
  methods: ["full", "lora", "qlora"],
  regularization: ["l2-sp", "ewc", "replay"],
  outlivesController: true,
};

/**
 * Creates the executor.
 *
 * @param prepared rows that this process has already read, if later runs use the same ones; otherwise each run reads
 *   its own
 */
export function torchExecutor(runtime: Runtime, prepared: Prepared | null = null): ProcessExecutor {
  return {
    capabilities,
    start: (spec) => start(spec, runtime, prepared),
    attach: async ({ run, folder }) => {
      const spec = await executedSpec(folder);
      if (spec === null) return null;
      const host = hostOf(spec);
      const remote = host && (await attachRemote({ ...spec, run, folder }, host, runtime));
      const worker = host ? remote?.execution : await attachProcess({ run, folder }, runtime);
      if (!worker) return null;
      return new TorchExecution(
        worker,
        spec,
        prepared ?? (await prepareToTrain(spec, runtime)),
        runtime,
        runtime.elapsedSeconds(),
        remote,
      );
    },
  };
}

/** @throws {TunewiseError} `WORKER_NOT_INSTALLED`, `SCHEMA_ENGINE_ONLY`, errors of `startProcess`, `prepareToTrain` */
async function start(spec: RunSpec, runtime: Runtime, given: Prepared | null): Promise<Execution> {
  const { placement } = spec;
  const startedAt = runtime.elapsedSeconds(); // the time limit includes writing files and starting the worker
  if (placement.kind !== "torch") throw new Error(`Internal: PyTorch does not compute at ${placement.kind}`);
  const prepared = given ?? (await prepareToTrain(spec, runtime));
  if (prepared.dataFingerprint !== spec.data.fingerprint) {
    const [before, now] = [spec.data.fingerprint, prepared.dataFingerprint].map((one) => one.slice(0, 12));
    throw problem("RUN_DATA_CHANGED", { run: spec.run, before: before ?? "", now: now ?? "" });
  }
  // checked before training, although answers are needed only at the end
  if (isStructured(decodingFor(prepared))) throw problem("SCHEMA_ENGINE_ONLY");
  const job = { ...spec, placement };
  const modelFolder = await torchModelFolder(prepared, runtime);
  const { host } = placement;
  if (host !== undefined) {
    const complete: RemoteNeeds["complete"] = ({ cores }, there) =>
      writeJob(executionFolder(spec.folder), job, prepared, { modelFolder: there, cores }, runtime);
    const remote = await startRemote(spec, { host, modelFolder, complete }, runtime);
    return new TorchExecution(remote.execution, spec, prepared, runtime, startedAt, remote);
  }
  const program = {
    command: [await workerPython(runtime), ...launcher(placement.processes), "-m", "tunewise_worker"],
    environment: {
      ...runtime.environment,
      ...(placement.cards && { CUDA_VISIBLE_DEVICES: placement.cards.join(",") }),
      PYTHONPATH: packageFile("worker"),
      PYTHONDONTWRITEBYTECODE: "1",
      HF_HUB_OFFLINE: "1",
      OMP_WAIT_POLICY: "PASSIVE", // spinning threads would slow down everything on a busy machine
      TOKENIZERS_PARALLELISM: "false",
    },
    complete: (folder: Parameters<typeof writeJob>[0]) =>
      writeJob(folder, job, prepared, { modelFolder, cores: runtime.cores }, runtime),
  };
  const worker = await startProcess(spec, program, runtime);
  return new TorchExecution(worker, spec, prepared, runtime, startedAt);
}

/** The other machine that computes a run; `null` if it is this one. */
function hostOf({ placement }: RunSpec): RemoteHost | null {
  return (placement.kind === "torch" && placement.host) || null;
}

/** Python flags that start several processes: torchrun with a rendezvous on this machine. */
function launcher(processes: number): string[] {
  return processes === 1
    ? []
    : ["-m", "torch.distributed.run", "--standalone", `--nproc-per-node=${processes}`];
}

/** Codes of findings that the worker reports. */
const workerFindings = ["EXPERTS_NOT_ADAPTED", "MACHINE_PREEMPTED"] as const;

/** Adds the catalog's wording to a worker's finding, which has only a code and a number. */
function worded(event: Numbered<ExecutionEvent>): Numbered<ExecutionEvent> {
  const code = event.kind === "finding" && workerFindings.find((known) => known === event.finding.code);
  if (event.kind !== "finding" || !code) return event;
  const { severity, count } = event.finding;
  return { ...event, finding: findingOf(code, severity, { count }, [], 1) };
}

class TorchExecution implements Execution {
  readonly #worker: ProcessExecution;
  readonly #spec: RunSpec;
  readonly #prepared: Prepared;
  readonly #runtime: Runtime;
  /** The run on another machine; `null` if it is computed on this one. */
  readonly #remote: RemoteRun | null;
  /** Start of its time limit, in seconds of the runtime's clock. */
  readonly #startedAt: number;
  readonly #stopped = new AbortController();
  #forgetting: ForgettingMonitor | null = null;
  #evaluate: Extract<RunCommand, { readonly kind: "evaluate" }> | null = null;
  #status: RunResult["status"] = "completed";
  #isStepping = false;
  /** Number of the last event. */
  #seq = 0;

  constructor(
    worker: ProcessExecution,
    spec: RunSpec,
    prepared: Prepared,
    runtime: Runtime,
    startedAt: number,
    remote: RemoteRun | null = null,
  ) {
    this.#remote = remote;
    this.#worker = worker;
    this.#spec = spec;
    this.#prepared = prepared;
    this.#runtime = runtime;
    this.#startedAt = startedAt;
  }

  async *events(after?: number): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    for await (const event of this.#worker.events(after, this.#pause)) {
      if (event.kind === "step-start") this.#isStepping = true;
      if (event.kind === "training-end") [this.#isStepping, this.#status] = [false, event.status];
      if (event.kind === "rolled-back") this.#forgetting?.rewind(event.toStep);
      this.#seq = Math.max(this.#seq, event.seq);
      yield worded(this.#here(event));
    }
  }

  /** Replaces remote paths of an event by the paths that the files have on this machine once downloaded. */
  #here(event: Numbered<ExecutionEvent>): Numbered<ExecutionEvent> {
    if (this.#remote === null || event.kind !== "checkpoint-saved") return event;
    return { ...event, path: join(runFolderAt(this.#spec.folder).checkpoints, basename(event.path)) };
  }

  send(command: RunCommand): void {
    if (command.kind === "evaluate") this.#evaluate = command;
    // while stepping, a stop first saves a checkpoint; measuring is aborted at once
    else if (command.kind === "stop" && !this.#isStepping) this.#stopped.abort();
    this.#worker.send(command);
  }

  result(): Promise<RunResult> {
    return this.#worker.result();
  }

  detach(): void {
    this.#worker.detach();
  }

  isActive(): boolean {
    return this.#worker.isActive();
  }

  end(): void {
    this.#worker.end();
  }

  /** Does the controller's work during a pause of the worker, and yields its events. */
  readonly #pause: Pause = (pause) => {
    const channel = new EventChannel<ExecutionEvent>();
    const work = this.#work(pause, (event) => channel.put(event)).finally(() => channel.close());
    return this.#handOn(channel, work);
  };

  async *#handOn(
    channel: EventChannel<ExecutionEvent>,
    work: Promise<void>,
  ): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    work.catch(() => undefined); // awaited below
    // the worker's log does not contain what this process measures, so these events keep the number of its last one
    for await (const event of channel.read()) yield { ...event, seq: this.#seq };
    await work;
  }

  async #work(
    { reason, state }: Parameters<Pause>[0],
    report: (event: ExecutionEvent) => Promise<void>,
  ): Promise<void> {
    if (reason === "importance") await this.#joinImportance();
    else if (reason === "training-start") await this.#monitor(state, report);
    else if (reason === "forgetting") await this.#sample(state, report);
    else await this.#measure(state, report);
  }

  /** Caches the importance that the worker estimated, and merges it with that of earlier tasks. */
  async #joinImportance(): Promise<void> {
    const { placement, folder } = this.#spec;
    const estimated = join(executionFolder(folder).path, "fisher.safetensors");
    if (placement.kind !== "torch") return;
    await this.#remote?.bring(["execution/fisher.safetensors"]);
    const cached = torchImportancePath(this.#prepared, placement, this.#runtime);
    if (await exists(estimated)) await writeFisher(cached, await readFisher(estimated));
    await joinEarlier(await readFisher(cached), this.#prepared, runFolderAt(folder));
    await this.#remote?.push(["fisher.safetensors"]);
  }

  /** Returns the forgetting monitor; starts it if needed, such as after attaching to a running worker. */
  async #monitor(
    state: TrainingState,
    report: (event: ExecutionEvent) => Promise<void>,
  ): Promise<ForgettingMonitor | null> {
    const { tokenizer, recipe, forgetting: material } = this.#prepared;
    if (this.#forgetting === null && material !== null) {
      const needs = { ...this.#shared(), tokenizer, recipe, material };
      this.#forgetting = new ForgettingMonitor(needs, state.forgetting);
      await this.#forgetting.begin(report);
    }
    return this.#forgetting;
  }

  async #sample(state: TrainingState, report: (event: ExecutionEvent) => Promise<void>): Promise<void> {
    const { recipe } = this.#prepared;
    const monitor = await this.#monitor(state, report);
    const before = monitor?.curve.length ?? 0;
    if (recipe.forgetting.everyCheckpoint) await monitor?.measureSample(state.step, report);
    const forgetting = monitor?.curve ?? state.forgetting;
    const point = forgetting.length > before ? forgetting.at(-1) : null;
    await this.#worker.query("select", { step: selectCheckpoint({ ...state, forgetting }, recipe), point });
  }

  async #measure(state: TrainingState, report: (event: ExecutionEvent) => Promise<void>): Promise<void> {
    if (this.#evaluate === null) return;
    const prepared = this.#prepared;
    const { recipe } = prepared;
    const folder = runFolderAt(this.#spec.folder);
    await report({ kind: "write-start" });
    const result = relative(folder.path, resultFolder(recipe, folder));
    const selectedStep = await this.#worker.query("write-result", {
      step: recipe.training.checkpointSelection === "last" ? null : selectCheckpoint(state, recipe),
      isFailed: this.#status === "failed",
      folder: result,
    });
    // downloaded before the measurements, whose time limit depends on how long this takes
    await this.#remote?.bring([result, "checkpoints"]);
    await removeDrafts(folder);
    const { placement } = this.#spec;
    const storage = placement.kind === "torch" ? `torch ${placement.dtype}` : "";
    const forgetting = await this.#monitor(state, report);
    const needs = { ...this.#shared(), prepared, storage, forgetting, report };
    const measured = await measureResult(needs, this.#evaluate.measure);
    await this.#worker.query("measured", { selectedStep, measured });
  }

  #shared(): Pick<ResultNeeds, "models" | "folder" | "signal" | "elapsedSeconds" | "secondsLeft"> {
    const { seconds } = this.#spec.limits;
    const { elapsedSeconds, signal } = this.#runtime;
    return {
      models: remoteModels(this.#worker),
      folder: runFolderAt(this.#spec.folder),
      signal: AbortSignal.any([signal, this.#stopped.signal]),
      elapsedSeconds,
      secondsLeft: () => {
        if (seconds === null) return Number.POSITIVE_INFINITY;
        return seconds - (elapsedSeconds() - this.#startedAt) - (this.#remote?.closingSeconds() ?? 0);
      },
    };
  }
}
