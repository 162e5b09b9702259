/**
 * @file The process executor: computes a run in a process of its own on this machine. The process outlives its
 * controller, which can attach to it again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { packageProgram } from "../../catalog/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import type {
  Execution,
  ExecutionEvent,
  Executor,
  Numbered,
  RunCommand,
  RunResult,
  RunSpec,
} from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { isLocked, readLines, takeLock, writeWholeFile } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { capabilities } from "../embedded/embedded.ts";
import {
  type ExecutionFolder,
  executionFolder,
  type FromWorker,
  fromWorkerSchema,
  parseMessage,
  readMessages,
  sendMessage,
  workerAddressSchema,
} from "./protocol.ts";

/** How long a worker whose controller died may take to save and end. */
const lockTimeoutMs = 60_000;
/** How long a worker may take to start Node and listen, on a busy machine. */
const startTimeoutMs = 60_000;
const pollIntervalMs = 20;
/** Bytes of the worker's log, and of a file with its address or its end, that are read. */
const [maxLogBytes, maxAddressBytes, maxEndBytes] = [1 << 20, 1 << 16, 1 << 30];

type WaitingRuntime = Pick<Runtime, "processes" | "now">;

/** An executor whose executions can be attached to. */
export interface ProcessExecutor extends Executor {
  /** Attaches to the execution of a run that another process started; `null` if there is none. */
  attach(spec: Pick<RunSpec, "run" | "folder">): Promise<Execution | null>;
}

/** Creates the executor. */
export function processExecutor(runtime: Runtime): ProcessExecutor {
  return {
    capabilities: { ...capabilities, outlivesController: true },
    start: (spec) => start(spec, runtime),
    attach: (spec) => attach(spec, runtime),
  };
}

/** @throws {TunewiseError} `EXECUTION_LOST` if the process does not listen, `RUN_LOCKED` if an earlier one does not end */
async function start(spec: RunSpec, runtime: Runtime): Promise<Execution> {
  const folder = executionFolder(spec.folder);
  mkdirSync(folder.path, { recursive: true });
  await requireFree(folder, runtime);
  await rm(folder.path, { recursive: true, force: true });
  mkdirSync(folder.path, { recursive: true });
  await writeWholeFile(folder.spec, `${JSON.stringify(spec)}\n`);
  const worker = launch(folder, spec, runtime);
  const socket = await untilListening(spec, folder, worker.ended).catch((error: unknown) => {
    worker.kill();
    throw error;
  });
  return new ProcessExecution(spec, folder, socket, worker.ended);
}

/**
 * When the worker of a run's latest execution ended, after waiting for one that is still saving; `null` if there was
 * none.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if it does not end
 */
export async function workerEnd(run: string, runtime: WaitingRuntime): Promise<Date | null> {
  const folder = executionFolder(run);
  if (!existsSync(folder.path)) return null;
  await requireFree(folder, runtime);
  for (const path of [folder.end, folder.events]) {
    const found = await stat(path).catch(() => null);
    if (found) return found.mtime;
  }
  return null;
}

/** Whether a worker computes the run. */
export function isWorking(run: string, { processes }: Pick<Runtime, "processes">): Promise<boolean> {
  return isLocked(executionFolder(run).lock, processes);
}

/** Waits for an earlier worker: two would write one run. */
async function requireFree(folder: ExecutionFolder, runtime: WaitingRuntime): Promise<void> {
  await untilFree(folder, runtime);
  const { processes } = runtime;
  // taking it says who holds it
  if (await isLocked(folder.lock, processes))
    await (await takeLock(folder.lock, processes, runtime.now(), `start-${processes.pid}`)).release();
}

async function attach(
  { run, folder: path }: Pick<RunSpec, "run" | "folder">,
  runtime: Runtime,
): Promise<Execution | null> {
  const folder = executionFolder(path);
  const ended = untilFree(folder, runtime, Number.POSITIVE_INFINITY).then(() => "");
  if (await isLocked(folder.lock, runtime.processes))
    return new ProcessExecution({ run }, folder, await untilListening({ run }, folder, ended), ended);
  return (await readEnd(folder)) && new ProcessExecution({ run }, folder, null, ended);
}

/** A worker's process: how it ended, in words, once it has. */
interface Worker {
  readonly ended: Promise<string>;
  kill(): void;
}

function launch(folder: ExecutionFolder, { folder: run }: RunSpec, { node, cwd }: Runtime): Worker {
  const [program = "", ...flags] = [...node, packageProgram("worker"), run];
  const log = openSync(folder.log, "a");
  // a process group of its own: Ctrl-C in the terminal is for the controller
  const child = spawn(program, flags, { cwd, detached: true, stdio: ["pipe", "ignore", log] });
  closeSync(log);
  child.unref();
  (child.stdin as Socket | null)?.unref(); // held open as long as this process lives
  return { ended: untilExit(child, folder), kill: () => void child.kill("SIGKILL") };
}

function untilExit(child: ChildProcess, folder: ExecutionFolder): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (cause) => resolve(`could not be started: ${cause.message}`));
    child.once("exit", async (code, signal) => {
      if (signal !== null)
        return resolve(`ended by ${signal}${signal === "SIGKILL" ? ", as where memory runs out" : ""}`);
      const lines = (await readTextFile(folder.log, maxLogBytes).catch(() => "")).trim().split("\n");
      const why = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
      resolve(`ended with exit code ${code}${why === "" ? "" : `: ${why}`}`);
    });
  });
}

/** Waits until a worker left behind by a controller that died has saved and ended. */
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
 * Connects to a worker as soon as it listens; `null` if it ended before.
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
    const text = await readTextFile(folder.address, maxAddressBytes).catch(() => "");
    const address = parseMessage(text, workerAddressSchema);
    const socket = address && (await tryConnect(address.socket));
    if (socket) return socket;
    await sleep(pollIntervalMs);
  }
  if (isEnded) return null;
  throw problem("EXECUTION_LOST", { run, how: `did not listen within ${startTimeoutMs / 1000} s` });
}

function tryConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}

async function readEnd(folder: ExecutionFolder): Promise<FromWorker | null> {
  return parseMessage(await readTextFile(folder.end, maxEndBytes).catch(() => ""), fromWorkerSchema);
}

class ProcessExecution implements Execution {
  readonly #run: string;
  readonly #folder: ExecutionFolder;
  readonly #socket: Socket | null;
  readonly #result: Promise<RunResult>;
  #received: Numbered<ExecutionEvent>[] = [];
  #isClosed: boolean;
  #isDetached = false;
  #wake: () => void = () => undefined;

  /** @param socket connection to the worker; `null` if it has ended */
  constructor(
    { run }: Pick<RunSpec, "run">,
    folder: ExecutionFolder,
    socket: Socket | null,
    ended: Promise<string>,
  ) {
    this.#run = run;
    this.#folder = folder;
    this.#socket = socket;
    this.#isClosed = socket === null;
    this.#result = this.#untilEnd(socket, ended);
    this.#result.catch(() => undefined); // whoever awaits `result()` learns of it
  }

  async *events(after = 0): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    if (this.#socket === null) return yield* this.#recorded(after);
    const socket = this.#socket;
    let isLeft = true;
    let last = after;
    sendMessage(socket, { kind: "attach", after });
    try {
      for (;;) {
        const event = this.#received.shift();
        if (event) {
          yield event;
          last = event.seq;
          sendMessage(socket, { kind: "next" });
        } else if (this.#isClosed) {
          isLeft = false;
          // the worker may have ended before it could deliver what happened while nobody was attached
          if (!this.#isDetached) yield* this.#recorded(last);
          return;
        } else
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
      }
    } finally {
      // a reader that leaves early ends the execution
      if (isLeft && !this.#isDetached) socket.destroy();
    }
  }

  send(command: RunCommand): void {
    if (this.#socket) sendMessage(this.#socket, { kind: "command", command });
  }

  result(): Promise<RunResult> {
    return this.#result;
  }

  detach(): void {
    this.#isDetached = true;
    if (this.#socket) sendMessage(this.#socket, { kind: "detach" });
  }

  /** Events of an execution that has ended, from its file. */
  async *#recorded(after: number): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    if (!existsSync(this.#folder.events)) return; // it ended before its first event
    for await (const lines of readLines(this.#folder.events, maxEndBytes)) {
      for (const { text } of lines) {
        const message = text === null ? null : parseMessage(text, fromWorkerSchema);
        if (message?.kind === "event" && message.event.seq > after) yield message.event;
      }
    }
  }

  async #untilEnd(socket: Socket | null, ended: Promise<string>): Promise<RunResult> {
    const sent = socket && (await this.#untilClosed(socket));
    const how = await ended;
    const end = sent ?? (await readEnd(this.#folder));
    if (end?.kind === "result") return end.result;
    if (end?.kind !== "failure")
      throw problem("EXECUTION_LOST", { run: this.#run, how: how === "" ? "ended without a result" : how });
    const { code, params, message } = end.failure;
    throw code === null ? new Error(message) : problem(code as ProblemCode, params);
  }

  /** Receives messages until the connection is closed. Returns the last one if it is an end. */
  #untilClosed(socket: Socket): Promise<FromWorker | null> {
    return new Promise((resolve) => {
      let end: FromWorker | null = null;
      readMessages(socket, fromWorkerSchema, (message) => {
        if (message.kind === "event") this.#received.push(message.event);
        else end = message;
        this.#wake();
      });
      socket.on("error", () => undefined); // `close` follows
      socket.once("close", () => {
        this.#isClosed = true;
        this.#wake();
        resolve(end);
      });
    });
  }
}
