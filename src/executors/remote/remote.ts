/**
 * @file Executions on another machine: the run's folder is made again there, a worker of its own session computes in
 * it, and what it leaves comes back.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { RemoteHost, RunSpec } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { ProcessExecution, readEnd } from "../process/execution.ts";
import { executedSpec, isLeased } from "../process/process.ts";
import {
  executionFolder,
  fromWorkerSchema,
  parseMessage,
  readMessages,
  sendMessage,
} from "../process/protocol.ts";
import { isRayAddress, rayMachine } from "../ray/machine.ts";
import { sshMachine } from "../ssh/transport.ts";
import { type Cards, parseCards } from "../torch/cards.ts";
import { workerEnvironment } from "../torch/python.ts";
import { Box } from "./box.ts";
import { type Leased, noteContact, RemoteConnection } from "./connection.ts";
import { bringFiles, type SentFile, sendFiles, sentFile, throughLosses } from "./files.ts";
import { isConnectionLost } from "./machine.ts";
import type { Replies } from "./replies.ts";

/** How long a worker that was stopped may take to save, and how often it is asked whether it has. */
const [savingMostMs, askEveryMs] = [900_000, 1_000];
/** Bytes from which sending files is worth a remark. */
const notedBytes = 20_000_000;
/** Size limit of a checkpoint's manifest. */
const maxManifestBytes = 16 << 20;

/** What reaching a machine takes of the runtime. */
type MachineNeeds = Pick<Runtime, "environment" | "sources" | "random" | "elapsedSeconds">;

/** A run at work on another machine. */
export interface RemoteRun {
  readonly execution: ProcessExecution;
  /** Brings files of the run's folder here. */
  bring(paths: readonly string[]): Promise<void>;
  /** Sends files of the run's folder there. */
  push(paths: readonly string[]): Promise<void>;
}

/** What a machine has that the plan of a run depends on. */
export interface RemoteMachine extends Pick<Replies["hello"], "device" | "cores" | "cache"> {
  readonly cards: Cards;
}

/** What a run there needs beside its specification. */
export interface RemoteNeeds {
  readonly host: RemoteHost;
  /** Writes the job's files into the folder of the execution, here. */
  readonly writeFiles: (machine: RemoteMachine, modelFolder: string) => Promise<void>;
  /** Folder of the model, here. */
  readonly modelFolder: string;
}

/**
 * Asks a machine what it has, before anything is planned for it.
 *
 * @throws {TunewiseError} `REMOTE_PYTHON_UNFIT`, and those of `Box.ask`
 */
export async function inspectHost(address: string, runtime: MachineNeeds): Promise<RemoteMachine> {
  return greet(await boxOf({ address }, "any", runtime));
}

async function boxOf(
  { address, storage = "" }: Pick<RemoteHost, "address" | "storage">,
  run: string,
  runtime: MachineNeeds,
): Promise<Box> {
  const machine = isRayAddress(address)
    ? await rayMachine(address, run, storage, runtime)
    : sshMachine(address, runtime);
  return new Box(machine, run, basename(await workerEnvironment(runtime)));
}

async function greet(box: Box): Promise<RemoteMachine> {
  const { missing, python, cards, ...machine } = await box.ask("hello");
  if (missing.length === 0) return { ...machine, cards: cards === "" ? { kind: "none" } : parseCards(cards) };
  throw problem("REMOTE_PYTHON_UNFIT", {
    ...{ address: box.machine.address, python: `Python ${python}`, least: "3.10", most: "3.13" },
    ...{ found: `lacks ${missing.join(", ")}`, line: box.machine.installLine(box.environment) },
  });
}

/**
 * Starts a run on another machine, or resumes it from the newest checkpoint, here or there.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if another controller has the run, `EXECUTION_LOST` if the worker does not
 *   listen, and those of `sendFiles`
 */
export async function startRemote(spec: RunSpec, needs: RemoteNeeds, runtime: Runtime): Promise<RemoteRun> {
  const box = await boxOf(needs.host, spec.run, runtime);
  const folder = executionFolder(spec.folder);
  // before anything can fail: whoever resumes the run finds the machine here
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.spec, `${JSON.stringify(spec)}\n`);
  const machine = await greet(box);
  await stopEarlier(box, runtime);
  await rm(folder.path, { recursive: true, force: true });
  await mkdir(folder.path, { recursive: true });
  await writeWholeFile(folder.spec, `${JSON.stringify(spec)}\n`);
  const there = `${machine.cache}/runs/${spec.run}/run`;
  await needs.writeFiles(machine, `${there}/model`);
  const { files, emptied } = await filesToSend(box, spec, needs);
  await sendFiles(box, files, emptied, (bytes) => {
    if (bytes >= notedBytes)
      runtime.note?.(
        `sending ${Math.round(bytes / 1e6)} MB to ${needs.host.address}: what it has not got yet`,
      );
  });
  await noteContact(spec.folder);
  await throughLosses(() => box.ask("start", { environment: workerVariables }));
  const carrier = await throughLosses(() => box.bridge());
  if (carrier === null) {
    const { how } = await box.ask("status");
    await bringEnd(box, spec.folder).catch(() => undefined);
    throw problem("EXECUTION_LOST", { run: spec.run, how: how === "" ? "did not listen" : how });
  }
  return remoteRun(box, spec, new RemoteConnection(box, carrier, leased(spec.folder, needs.host, runtime)));
}

/** What the worker's environment has beside that of its user's sessions. */
const workerVariables = {
  PYTHONDONTWRITEBYTECODE: "1",
  HF_HUB_OFFLINE: "1",
  OMP_WAIT_POLICY: "PASSIVE",
  TOKENIZERS_PARALLELISM: "false",
} as const;

/**
 * Attaches to the execution of a run on another machine; `null` if there is none.
 *
 * @throws {TunewiseError} `REMOTE_WORKER_VERSION`, and those of `Box.ask`
 */
export async function attachRemote(
  spec: RunSpec,
  host: RemoteHost,
  runtime: Runtime,
): Promise<RemoteRun | null> {
  const box = await boxOf(host, spec.run, runtime);
  const carrier = await throughLosses(() => box.bridge());
  if (carrier !== null)
    return remoteRun(box, spec, new RemoteConnection(box, carrier, leased(spec.folder, host, runtime)));
  const { exists } = await throughLosses(() => box.ask("status"));
  if (exists) await bringEnd(box, spec.folder);
  if ((await readEnd(executionFolder(spec.folder))) === null) return null;
  return remoteRun(box, spec, null);
}

/**
 * Ends what computes a run on another machine and brings what it left, before the run goes on elsewhere: two workers of
 * one run would both be paid. A machine that does not answer once its lease is over has nothing at work.
 *
 * @param folder of the run, here
 * @param isMachineGone whether nobody needs to wait for a machine that does not answer
 * @throws {TunewiseError} `SSH_UNREACHABLE` or `RAY_UNREACHABLE` where it may still be at work; those of `Box.ask`
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

function leased(folder: string, { leaseSeconds }: RemoteHost, { random, elapsedSeconds }: Runtime): Leased {
  return { folder, leaseSeconds, elapsedSeconds, controller: `controller-${random()}` };
}

function remoteRun(box: Box, spec: RunSpec, connection: RemoteConnection | null): RemoteRun {
  const { folder } = spec;
  const ended = connection === null ? Promise.resolve("") : untilEnded(box, folder, connection);
  ended.catch(() => undefined); // the execution awaits it
  return {
    execution: new ProcessExecution(spec, executionFolder(folder), connection, ended),
    bring: (paths) => bringFiles(box, folder, paths),
    push: async (paths) => {
      const files = await Promise.all(
        paths.map((path) => sentFile(`run/${path}`, join(folder, path), false)),
      );
      await sendFiles(box, files, []);
    },
  };
}

/** Waits for the end of the worker, and brings what it left. Returns how it ended, in words. */
async function untilEnded(box: Box, folder: string, connection: RemoteConnection): Promise<string> {
  await connection.closed;
  for (;;) {
    const { isWorking, how } = await throughLosses(() => box.ask("status"));
    if (isWorking) {
      await sleep(askEveryMs);
      continue;
    }
    await bringEnd(box, folder);
    return how;
  }
}

/** What is being brought, so that two who wait for one end do not write the same files. */
const bringing = new Map<string, Promise<void>>();

/** Brings everything that an execution left, and gives its lease back. */
function bringEnd(box: Box, folder: string): Promise<void> {
  const before = bringing.get(folder) ?? Promise.resolve();
  const work = before.catch(() => undefined).then(() => bringEndAlone(box, folder));
  bringing.set(folder, work);
  return work.finally(() => {
    if (bringing.get(folder) === work) bringing.delete(folder);
  });
}

async function bringEndAlone(box: Box, folder: string): Promise<void> {
  const { exists } = await throughLosses(() => box.ask("status"));
  if (!exists) return; // it is here already
  const results = ["adapter", "weights", "fisher.safetensors", "checkpoints"];
  const logs = ["execution/events.jsonl", "execution/worker.log", "execution/end.json"];
  await bringFiles(box, folder, [...results, ...logs]);
  const end = await readEnd(executionFolder(folder));
  const isDropped = end?.kind === "result" && end.result.status === "completed";
  await throughLosses(() => box.ask("release", { isDropped }));
}

/**
 * Stops the worker of an earlier execution whose controller is gone, and waits until it has saved.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if its controller is not gone, or it does not end
 */
async function stopEarlier(box: Box, { random }: Runtime): Promise<void> {
  for (let waited = 0; (await throughLosses(() => box.ask("status"))).isWorking; waited += askEveryMs) {
    if (waited > savingMostMs) {
      const host = box.machine.address;
      throw problem("RUN_LOCKED", {
        pid: "of the worker",
        host,
        path: box.run,
        since: "its controller left",
      });
    }
    const carrier = await throughLosses(() => box.bridge());
    if (carrier === null) continue;
    sendMessage(carrier.stdin, { kind: "renew", controller: `resume-${random()}` });
    sendMessage(carrier.stdin, { kind: "leave" });
    let refusal: unknown = null;
    readMessages(carrier.stdout, fromWorkerSchema, (message) => {
      if (message.kind === "failure" && message.failure.code === "RUN_LOCKED")
        refusal = problem("RUN_LOCKED", message.failure.params);
    });
    carrier.stdout.resume();
    await carrier.ended;
    if (refusal !== null) throw refusal;
    await sleep(askEveryMs);
  }
}

/** What the run's folder there is made of. */
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
  // weights and settings alone: no pickles, and no code of a model
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

/** Whether the checkpoints here are of a later session than those there. */
async function isNewerHere(box: Box, folder: string): Promise<boolean> {
  const { checkpoint } = await throughLosses(() => box.ask("status"));
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
