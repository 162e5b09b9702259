/**
 * @file Executions on another machine: replicates the run's folder there, starts a worker in a session of its own, and
 * downloads the files it leaves.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RemoteHost, RunSpec } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { writeWholeFile } from "@tunewise/tracker";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { ProcessExecution, readEnd } from "../process/execution.ts";
import { executedSpec, isLeased } from "../process/process.ts";
import { executionFolder, parseMessage, readMessages, sendMessage } from "../process/protocol.ts";
import { isRayAddress, rayMachine } from "../ray/machine.ts";
import { sshMachine } from "../ssh/transport.ts";
import { type Cards, parseCards } from "../torch/cards.ts";
import { workerEnvironment } from "../torch/python.ts";
import { Box } from "./box.ts";
import { beatSeconds, carriedSchema, RemoteConnection } from "./connection.ts";
import { Contact, type Leased } from "./contact.ts";
import { bringFiles, type SentFile, sendFiles, sentFile, throughLosses } from "./files.ts";
import { isConnectionLost, type RemoteProcess } from "./machine.ts";
import type { Replies } from "./replies.ts";

/** Maximum time that a stopped worker may take to save, and the polling interval. */
const [savingMostMs, askEveryMs] = [900_000, 1_000];
/** Seconds to wait for an earlier worker to listen before ending it, since it has lost its node or hangs. */
const listeningSeconds = 30;
/** Number of small requests between the end of a worker and the end of its execution on this side. */
const closingRequests = 8;
/** Minimum bytes to send that are reported to the user. */
const notedBytes = 20_000_000;
/** Size limit of a checkpoint's manifest. */
const maxManifestBytes = 16 << 20;

/** The part of the runtime environment that reaching a machine needs. */
type MachineNeeds = Pick<
  Runtime,
  "environment" | "processes" | "sources" | "random" | "elapsedSeconds" | "signal"
>;

/** A run on another machine. */
export interface RemoteRun {
  readonly execution: ProcessExecution;
  /** Downloads files of the run's folder. */
  bring(paths: readonly string[]): Promise<void>;
  /** Uploads files of the run's folder. */
  push(paths: readonly string[]): Promise<void>;
  /** Estimated seconds from the worker's end to the execution's end, from the duration of earlier requests. */
  closingSeconds(): number;
}

/** Properties of a machine that a run's plan depends on. */
export interface RemoteMachine extends Pick<Replies["hello"], "device" | "cores" | "cache"> {
  readonly cards: Cards;
}

/** What a remote run needs besides its specification. */
export interface RemoteNeeds {
  readonly host: RemoteHost;
  /** Writes input files into the execution's folder on this machine, and completes the specification for its worker. */
  readonly complete: (machine: RemoteMachine, modelFolder: string) => Promise<RunSpec>;
  /** Folder of the model on this machine. */
  readonly modelFolder: string;
}

/**
 * Queries a machine's properties for planning.
 *
 * @throws {TunewiseError} `REMOTE_PYTHON_UNSUPPORTED`, `USAGE_INTERRUPTED`, and the errors of `Box.ask`
 */
export async function inspectHost(address: string, runtime: MachineNeeds): Promise<RemoteMachine> {
  const { signal } = runtime;
  const box = (await boxOf({ address }, "any", runtime)).with({ signal });
  try {
    return await greet(box);
  } catch (error) {
    throw signal.aborted ? problem("USAGE_INTERRUPTED", { command: "run" }) : error;
  } finally {
    box.machine.close();
  }
}

async function boxOf(
  { address, storage = "" }: Pick<RemoteHost, "address" | "storage">,
  run: string,
  runtime: MachineNeeds,
): Promise<Box> {
  const machine = isRayAddress(address)
    ? await rayMachine(address, run, storage, runtime)
    : sshMachine(address, runtime);
  const { elapsedSeconds } = runtime;
  return new Box(machine, run, basename(await workerEnvironment(runtime)), { elapsedSeconds });
}

async function greet(box: Box): Promise<RemoteMachine> {
  const { missing, python, cards, ...machine } = await box.ask("hello");
  if (missing.length === 0) return { ...machine, cards: cards === "" ? { kind: "none" } : parseCards(cards) };
  throw problem("REMOTE_PYTHON_UNSUPPORTED", {
    address: box.machine.address,
    python: `Python ${python}`,
    least: "3.10",
    most: "3.13",
    found: `lacks ${missing.join(", ")}`,
    line: box.machine.installLine(box.environment),
  });
}

/**
 * Starts a run on another machine, or resumes it from the newest checkpoint of either machine. An interrupt or the
 * run's time limit aborts the start at once.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if another controller has the run, `MACHINE_LOST`, `START_INTERRUPTED`,
 *   `START_OVER_CAP`, and the errors of `sendFiles`
 */
export async function startRemote(spec: RunSpec, needs: RemoteNeeds, runtime: Runtime): Promise<RemoteRun> {
  const { run, limits } = spec;
  const { address } = needs.host;
  const cap = new AbortController();
  const ms = limits.seconds === null ? maxTimerMs : Math.min(1000 * limits.seconds, maxTimerMs);
  const capped = setTimeout(() => cap.abort(), ms);
  const signal = AbortSignal.any([runtime.signal, cap.signal]);
  const box = (await boxOf(needs.host, run, runtime)).with({ signal });
  const start = { isAsked: false };
  try {
    return await startAt(box, start, spec, needs, runtime);
  } catch (error) {
    if (signal.aborted && start.isAsked) await abandon(box);
    box.machine.close();
    if (runtime.signal.aborted) throw problem("START_INTERRUPTED", { run, address });
    if (cap.signal.aborted) throw problem("START_OVER_CAP", { run, address });
    throw error;
  } finally {
    clearTimeout(capped);
  }
}

/** Maximum delay of a timer. @source Node.js, timers: 2^31 - 1 */
const maxTimerMs = 2 ** 31 - 1;
/** Maximum seconds for ending the worker of an aborted start. */
const abandonSeconds = 5;

/** Ends the worker of an aborted start, if its machine answers. */
async function abandon(box: Box): Promise<void> {
  const signal = AbortSignal.timeout(1000 * abandonSeconds);
  await box
    .with({ signal })
    .ask("end")
    .catch(() => undefined);
}

async function startAt(
  box: Box,
  start: { isAsked: boolean },
  spec: RunSpec,
  needs: RemoteNeeds,
  runtime: Runtime,
): Promise<RemoteRun> {
  const folder = executionFolder(spec.folder);
  // written before anything can fail, so that a resume knows the machine
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.spec, `${JSON.stringify(spec)}\n`);
  const machine = await greet(box);
  await stopEarlier(box, runtime);
  await rm(folder.path, { recursive: true, force: true });
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.spec, `${JSON.stringify(spec)}\n`);
  const there = `${machine.cache}/runs/${spec.run}/run`;
  const completed = await needs.complete(machine, `${there}/model`);
  await writeWholeFile(folder.spec, `${JSON.stringify(completed)}\n`);
  const { files, emptied } = await filesToSend(box, spec, needs);
  await sendFiles(box, files, emptied, (bytes) => {
    if (bytes >= notedBytes)
      runtime.note?.(
        `sending ${Math.round(bytes / 1e6)} MB to ${needs.host.address}: what it has not got yet`,
      );
  });
  const of = leased(spec, needs.host, runtime);
  const contact = new Contact(of);
  const heard = box.with({ onHeard: () => contact.hear() });
  const { signal } = box.asking;
  start.isAsked = true;
  const begin = async (): Promise<RemoteProcess | null> => {
    await throughLosses(() => heard.ask("start", { environment: workerVariables }), signal);
    return throughLosses(() => heard.bridge(beatSeconds(of.leaseSeconds)), signal);
  };
  try {
    const carrier = await contact.guard(begin());
    const plain = box.with({ signal: undefined });
    return remoteRun(plain, spec, contact, carrier && new RemoteConnection(plain, carrier, contact));
  } catch (error) {
    contact.close();
    throw error;
  }
}

/** Environment variables of the worker, besides those of its user's sessions. */
const workerVariables = {
  PYTHONDONTWRITEBYTECODE: "1",
  HF_HUB_OFFLINE: "1",
  OMP_WAIT_POLICY: "PASSIVE",
  TOKENIZERS_PARALLELISM: "false",
} as const;

/**
 * Attaches to the execution of a run on another machine; returns `null` if there is none.
 *
 * @throws {TunewiseError} `REMOTE_WORKER_VERSION`, and the errors of `Box.ask`
 */
export async function attachRemote(
  spec: RunSpec,
  host: RemoteHost,
  runtime: Runtime,
): Promise<RemoteRun | null> {
  const box = await boxOf(host, spec.run, runtime);
  const carrier = await throughLosses(() => box.bridge(beatSeconds(host.leaseSeconds)));
  if (carrier === null) {
    const { exists } = await throughLosses(() => box.ask("status"));
    if (exists) await bringEnd(box, spec.folder);
    if ((await readEnd(executionFolder(spec.folder))) === null) return null;
  }
  const contact = new Contact(leased(spec, host, runtime));
  return remoteRun(box, spec, contact, carrier && new RemoteConnection(box, carrier, contact));
}

/**
 * Stops a run's worker on another machine and downloads its files before the run continues elsewhere, since two workers
 * would both be charged. After its lease, a machine that does not answer is assumed to have stopped.
 *
 * @param folder the run's folder on this machine
 * @param isMachineGone whether a machine that does not answer counts as stopped at once
 * @throws {TunewiseError} `SSH_UNREACHABLE` or `RAY_UNREACHABLE` if it may still be running; the errors of `Box.ask`
 */
export async function recallRun(folder: string, isMachineGone: boolean, runtime: Runtime): Promise<void> {
  const spec = await executedSpec(folder);
  const host = spec?.placement.kind === "torch" ? spec.placement.host : undefined;
  if (spec === null || host === undefined) return;
  const isOver = isMachineGone || !(await isLeased(folder, runtime));
  const box = await boxOf(host, spec.run, runtime);
  try {
    await box.ask("status");
  } catch (error) {
    if (isOver && isConnectionLost(error)) return;
    throw error;
  }
  await stopEarlier(box, runtime);
  await bringEnd(box, folder);
}

function leased(
  { run, folder }: RunSpec,
  { address, leaseSeconds }: RemoteHost,
  { random, elapsedSeconds }: Runtime,
): Leased {
  return { run, folder, address, leaseSeconds, elapsedSeconds, controller: `controller-${random()}` };
}

/** @param connection to the worker; `null` if it has ended */
function remoteRun(
  box: Box,
  spec: RunSpec,
  contact: Contact,
  connection: RemoteConnection | null,
): RemoteRun {
  const { folder } = spec;
  const heard = box.with({ onHeard: () => contact.hear(), signal: contact.signal });
  const ended = contact.guard(untilEnded(heard, folder, connection)).finally(() => {
    contact.close();
    box.machine.close();
  });
  ended.catch(() => undefined); // the execution awaits it and reports errors
  return {
    execution: new ProcessExecution(spec, executionFolder(folder), connection, ended),
    bring: (paths) => bringFiles(heard, folder, paths),
    push: async (paths) => {
      const files = await Promise.all(
        paths.map((path) => sentFile(`run/${path}`, join(folder, path), false)),
      );
      await sendFiles(heard, files, []);
    },
    closingSeconds: () => askEveryMs / 1000 + closingRequests * box.pace.request,
  };
}

/** Waits until the worker has ended, and downloads its files. Returns a text on how it ended. */
async function untilEnded(box: Box, folder: string, connection: RemoteConnection | null): Promise<string> {
  await connection?.closed;
  for (;;) {
    const { isWorking, how } = await throughLosses(() => box.ask("status"), box.asking.signal);
    if (isWorking) {
      await sleep(askEveryMs);
      continue;
    }
    await bringEnd(box, folder);
    return how;
  }
}

/** Downloads in progress by folder, so that two callers never write the same files at once. */
const bringing = new Map<string, Promise<void>>();

/** Downloads all files that an execution left, and releases its lease. */
function bringEnd(box: Box, folder: string): Promise<void> {
  const before = bringing.get(folder) ?? Promise.resolve();
  const work = before.catch(() => undefined).then(() => bringEndAlone(box, folder));
  bringing.set(folder, work);
  return work.finally(() => {
    if (bringing.get(folder) === work) bringing.delete(folder);
  });
}

async function bringEndAlone(box: Box, folder: string): Promise<void> {
  const { signal } = box.asking;
  const { exists } = await throughLosses(() => box.ask("status"), signal);
  if (!exists) return; // downloaded before
  const results = ["adapter", "weights", "fisher.safetensors", "checkpoints"];
  const logs = ["execution/events.jsonl", "execution/worker.log", "execution/end.json"];
  await bringFiles(box, folder, [...results, ...logs]);
  const end = await readEnd(executionFolder(folder));
  const isDropped = end?.kind === "result" && end.result.status === "completed";
  await throughLosses(() => box.ask("release", { isDropped }), signal);
}

/**
 * Stops the worker of an earlier execution whose controller is gone, and waits until it has saved.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if its controller is still there, or the worker does not end
 */
async function stopEarlier(box: Box, { random }: Runtime): Promise<void> {
  const { signal } = box.asking;
  const isWorking = async (): Promise<boolean> =>
    (await throughLosses(() => box.ask("status"), signal)).isWorking;
  for (let waited = 0; await isWorking(); waited += askEveryMs) {
    if (waited > savingMostMs) {
      const host = box.machine.address;
      throw problem("RUN_LOCKED", {
        pid: "of the worker",
        host,
        path: box.run,
        since: "its controller left",
      });
    }
    const carrier = await throughLosses(() => box.bridge(undefined, listeningSeconds), signal);
    if (carrier === null) await throughLosses(() => box.ask("end"), signal);
    else await dismiss(carrier, random());
    await sleep(askEveryMs, undefined, { signal });
  }
}

/** Tells a worker to save and end. @throws {TunewiseError} `RUN_LOCKED` if its controller is still there */
async function dismiss(carrier: RemoteProcess, token: number): Promise<void> {
  sendMessage(carrier.stdin, { kind: "renew", controller: `resume-${token}` });
  sendMessage(carrier.stdin, { kind: "leave" });
  let refusal: unknown = null;
  readMessages(carrier.stdout, carriedSchema, (message) => {
    if (message.kind === "failure" && message.failure.code === "RUN_LOCKED")
      refusal = problem("RUN_LOCKED", message.failure.params);
  });
  carrier.stdout.resume();
  await carrier.ended;
  if (refusal !== null) throw refusal;
}

/** Lists the files of the run's folder on the other machine. */
async function filesToSend(
  box: Box,
  { folder }: RunSpec,
  { modelFolder }: RemoteNeeds,
): Promise<{ readonly files: SentFile[]; readonly emptied: string[] }> {
  const files: SentFile[] = [];
  const add = async (from: string, to: string, isShared: boolean, names: RegExp): Promise<void> => {
    for (const entry of (await readdir(from, { withFileTypes: true })).filter(({ name }) => names.test(name)))
      if (!entry.isDirectory())
        files.push(await sentFile(`${to}/${entry.name}`, join(from, entry.name), isShared));
  };
  await add(packageFile("worker/tunewise_worker"), "package/tunewise_worker", true, /\.py$/);
  // only weights and settings: no pickles and no model code
  await add(modelFolder, "run/model", true, /\.(json|safetensors)$/);
  await add(executionFolder(folder).path, "run/execution", false, /\.(json|safetensors)$/);
  await add(folder, "run", false, /^fisher\.safetensors$/);
  const emptied = ["run/execution", "run/model", "package"];
  const checkpoints = join(folder, "checkpoints");
  if (await isNewerHere(box, checkpoints)) {
    emptied.push("run/checkpoints");
    for (const name of await checkpointNames(checkpoints))
      await add(join(checkpoints, name), `run/checkpoints/${name}`, false, /\.(json|jsonl|safetensors)$/);
  }
  return { files, emptied };
}

const manifestSchema = z.object({ info: z.object({ sessions: z.int().min(0) }) });

/** Whether the checkpoints on this machine are of a later session than those on the other. */
async function isNewerHere(box: Box, folder: string): Promise<boolean> {
  const { checkpoint } = await throughLosses(() => box.ask("status"), box.asking.signal);
  if (checkpoint === null) return true;
  const newest = (await checkpointNames(folder)).at(-1);
  if (newest === undefined) return false;
  const text = await readTextFile(join(folder, newest, "manifest.json"), maxManifestBytes).catch(() => "");
  return (parseMessage(text, manifestSchema)?.info.sessions ?? 0) > checkpoint.sessions;
}

async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => /^step-\d+$/.test(name)).sort();
}
