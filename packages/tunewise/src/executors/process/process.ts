/**
 * @file The process executor: computes a run in a separate process on this machine. The process outlives its
 * controller, which can attach to it again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Execution, type Executor, type RunSpec, runSpecSchema } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { isLocked, type ProcessTable, takeLock, writeWholeFile } from "@tunewise/tracker";
import { packageProgram } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { capabilities } from "../embedded/embedded.ts";
import { socketConnection } from "./connection.ts";
import { ProcessExecution, readEnd } from "./execution.ts";
import {
  type ExecutionFolder,
  executionFolder,
  parseMessage,
  type WorkerAddress,
  workerAddressSchema,
} from "./protocol.ts";

/** Maximum time that a worker whose controller died may take to save and end. */
const lockTimeoutMs = 60_000;
/** Maximum time that a worker may take to start Node and listen, even on a busy machine. */
const startTimeoutMs = 60_000;
const pollIntervalMs = 20;
/** Maximum bytes read from the worker's log, its address file and its end file. */
const [maxLogBytes, maxAddressBytes, maxEndBytes] = [1 << 20, 1 << 16, 1 << 30];

type WaitingRuntime = Pick<Runtime, "processes" | "now">;

/** An executor to whose executions another process can attach. */
export interface ProcessExecutor extends Executor {
  /** Attaches to the execution of a run that another process started; `null` if there is none. */
  attach(spec: Pick<RunSpec, "run" | "folder">): Promise<Execution | null>;
}

/** Creates the executor. */
export function processExecutor(runtime: Runtime): ProcessExecutor {
  const { node, environment } = runtime;
  const program = { command: [...node, packageProgram("worker")], environment };
  return {
    capabilities: { ...capabilities, outlivesController: true },
    start: (spec) => startProcess(spec, program, runtime),
    attach: (spec) => attachProcess(spec, runtime),
  };
}

/** A program that computes the run whose folder is its last argument. */
export interface WorkerProgram {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes input files into the execution's folder, and completes the specification for a program that needs more. */
  readonly complete?: (folder: ExecutionFolder) => Promise<RunSpec>;
}

/**
 * Starts a program for a run and connects to it.
 *
 * @throws {TunewiseError} `EXECUTION_LOST` if the process does not listen, `RUN_LOCKED` if an earlier one does not end
 */
export async function startProcess(
  spec: RunSpec,
  program: WorkerProgram,
  runtime: Runtime,
): Promise<ProcessExecution> {
  const folder = executionFolder(spec.folder);
  mkdirSync(folder.path, { recursive: true });
  await requireFree(folder, runtime);
  await rm(folder.path, { recursive: true, force: true });
  mkdirSync(folder.path, { recursive: true });
  const completed = (await program.complete?.(folder)) ?? spec;
  await writeWholeFile(folder.spec, `${JSON.stringify(completed)}\n`);
  const worker = launch(folder, spec, program, runtime);
  const socket = await untilListening(spec, folder, worker.ended).catch((error: unknown) => {
    worker.kill();
    throw error;
  });
  return new ProcessExecution(spec, folder, socket && socketConnection(socket, worker.kill), worker.ended);
}

/**
 * Returns when the worker of a run's latest execution ended, after waiting for one that is still saving; `null` if
 * there was none.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if it does not end
 */
export async function workerEnd(run: string, runtime: WaitingRuntime): Promise<Date | null> {
  const folder = executionFolder(run);
  if (!existsSync(folder.path)) return null;
  const leased = await leaseEnd(folder);
  if (leased !== null) return new Date(Math.min(leased.getTime(), runtime.now().getTime()));
  await requireFree(folder, runtime);
  for (const path of [folder.end, folder.events]) {
    const found = await stat(path).catch(() => null);
    if (found) return found.mtime;
  }
  return null;
}

/** The spec of a run's latest execution; `null` if there was none. @param run folder of the run */
export async function executedSpec(run: string): Promise<RunSpec | null> {
  const text = await readTextFile(executionFolder(run).spec, maxEndBytes).catch(() => "");
  return parseMessage(text, runSpecSchema);
}

/** Whether a worker on this machine is computing the run. */
export function isWorking(run: string, { processes }: Pick<Runtime, "processes">): Promise<boolean> {
  return isLocked(executionFolder(run).lock, processes);
}

/** Whether a worker on another machine may still be computing the run. Does not wait for its end. */
export async function isLeased(run: string, { now }: Pick<Runtime, "now">): Promise<boolean> {
  const leased = await leaseEnd(executionFolder(run));
  return leased !== null && now().getTime() < leased.getTime();
}

/** When the lease of a worker on another machine ends; `null` if there is none. @param run folder of the run */
export function leaseOf(run: string): Promise<Date | null> {
  return leaseEnd(executionFolder(run));
}

/**
 * When the lease of a worker on another machine ends, by this machine's clock; `null` if the worker has ended or is on
 * this machine.
 */
async function leaseEnd(folder: ExecutionFolder): Promise<Date | null> {
  const spec = parseMessage(await readTextFile(folder.spec, maxEndBytes).catch(() => ""), runSpecSchema);
  const host = spec?.placement.kind === "torch" ? spec.placement.host : undefined;
  const contact = host && (await stat(folder.contact).catch(() => null));
  if (!contact || existsSync(folder.end)) return null;
  return new Date(contact.mtimeMs + 1000 * host.leaseSeconds);
}

/** Waits for an earlier worker to end, since two would write the same run. */
async function requireFree(folder: ExecutionFolder, runtime: WaitingRuntime): Promise<void> {
  await untilFree(folder, runtime);
  const { processes } = runtime;
  // acquiring it throws an error that names the holder
  if (await isLocked(folder.lock, processes))
    await (await takeLock(folder.lock, processes, runtime.now(), `start-${processes.pid}`)).release();
}

/** Attaches to the execution of a run that another process started; `null` if there is none. */
export async function attachProcess(
  { run, folder: path }: Pick<RunSpec, "run" | "folder">,
  runtime: Runtime,
): Promise<ProcessExecution | null> {
  const folder = executionFolder(path);
  const ended = untilFree(folder, runtime, Number.POSITIVE_INFINITY).then(() => "");
  if (await isLocked(folder.lock, runtime.processes)) {
    const socket = await untilListening({ run }, folder, ended);
    const { pid } = (await addressIn(folder)) ?? {};
    const end = (): void => endGroup(pid, runtime.processes);
    return new ProcessExecution({ run }, folder, socket && socketConnection(socket, end), ended);
  }
  return (await readEnd(folder)) && new ProcessExecution({ run }, folder, null, ended);
}

/** A worker's process, with a text on how it ended once it has. */
interface Worker {
  readonly ended: Promise<string>;
  kill(): void;
}

function launch(
  folder: ExecutionFolder,
  { folder: run }: RunSpec,
  { command, environment }: WorkerProgram,
  { cwd, processes }: Runtime,
): Worker {
  const [program = "", ...flags] = [...command, run];
  const log = openSync(folder.log, "a");
  // a process group of its own, so that Ctrl-C in the terminal reaches only the controller
  const child = spawn(program, flags, {
    cwd,
    env: { ...environment },
    detached: true,
    stdio: ["pipe", "ignore", log],
  });
  closeSync(log);
  child.unref();
  (child.stdin as Socket | null)?.unref(); // stays open as long as this process lives
  return { ended: untilExit(child, folder), kill: () => endGroup(child.pid, processes) };
}

function untilExit(child: ChildProcess, folder: ExecutionFolder): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (cause) => resolve(`could not be started: ${cause.message}`));
    child.once("exit", async (code, signal) => {
      if (signal !== null)
        return resolve(
          `was terminated by ${signal}${signal === "SIGKILL" ? ", as happens when memory runs out" : ""}`,
        );
      const lines = (await readTextFile(folder.log, maxLogBytes).catch(() => "")).trim().split("\n");
      const why = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
      resolve(`ended with exit code ${code}${why === "" ? "" : `: ${why}`}`);
    });
  });
}

/** Waits until a worker whose controller died has saved and ended. */
async function untilFree(
  folder: ExecutionFolder,
  { processes }: Pick<Runtime, "processes">,
  timeoutMs: number = lockTimeoutMs,
): Promise<void> {
  for (let waited = 0; waited < timeoutMs; waited += 10 * pollIntervalMs) {
    if (!(await isLocked(folder.lock, processes))) return;
    await sleep(10 * pollIntervalMs, undefined, { ref: timeoutMs === lockTimeoutMs });
  }
}

/**
 * Connects to a worker as soon as it listens; returns `null` if it ends first.
 *
 * @throws {TunewiseError} `EXECUTION_LOST` if it neither listens nor ends
 */
async function untilListening(
  { run }: Pick<RunSpec, "run">,
  folder: ExecutionFolder,
  ended: Promise<string>,
): Promise<Socket | null> {
  let isEnded = false;
  void ended.then(() => {
    isEnded = true;
  });
  for (let waited = 0; waited < startTimeoutMs && !isEnded; waited += pollIntervalMs) {
    const address = await addressIn(folder);
    const socket = address && (await tryConnect(address.socket));
    if (socket) return socket;
    await sleep(pollIntervalMs);
  }
  if (isEnded) return null;
  throw problem("EXECUTION_LOST", { run, how: `did not start listening within ${startTimeoutMs / 1000} s` });
}

/** Reads the address that an execution's worker listens at; `null` if there is none yet. */
async function addressIn(folder: ExecutionFolder): Promise<WorkerAddress | null> {
  const text = await readTextFile(folder.address, maxAddressBytes).catch(() => "");
  return parseMessage(text, workerAddressSchema);
}

/** Ends a worker with all its processes; does nothing if it was not started. */
function endGroup(pid: number | undefined, processes: ProcessTable): void {
  if (pid !== undefined) processes.endGroup(pid);
}

function tryConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}
