/**
 * @file The worker process of an execution: computes a run with the embedded executor, for controllers that attach and
 * detach. If its controller dies, it saves a checkpoint and ends. If the controller detaches, it continues within the
 * run's limits.
 */
import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { type Execution, type ExecutionFailure, messageLine, runSpecSchema } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { takeLock, writeWholeFile } from "@tunewise/tracker";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { startEmbedded } from "../embedded/embedded.ts";
import {
  executionFolder,
  type FromWorker,
  readMessages,
  sendMessage,
  socketAddress,
  toWorkerSchema,
} from "./protocol.ts";

/** Size limit of a spec: a recipe with every setting. */
const maxSpecBytes = 16 * 1024 * 1024;

/**
 * Computes the run whose spec is in its folder.
 *
 * @param parentEnded resolves when the process that started this one has ended
 * @throws {TunewiseError} `RUN_LOCKED` if another worker is computing it
 */
export async function work(run: string, runtime: Runtime, parentEnded: Promise<void>): Promise<void> {
  const folder = executionFolder(run);
  const { processes } = runtime;
  const lock = await takeLock(folder.lock, processes, runtime.now(), `execution-${runtime.random()}`);
  const spec = runSpecSchema.parse(JSON.parse(await readTextFile(folder.spec, maxSpecBytes)));
  const execution = startEmbedded(spec, runtime, null, (event) => {
    if (event.kind === "phase") return;
    appendFileSync(folder.events, `${messageLine({ kind: "event", event })}\n`);
  });
  const isWindows = (runtime.versions["platform"] ?? "").startsWith("win32");
  const socket = socketAddress(isWindows);
  const attached = new Controllers(execution);
  void parentEnded.then(() => attached.lose());
  const server = await listen(socket, (connection) => attached.accept(connection));
  await writeWholeFile(folder.address, `${JSON.stringify({ pid: processes.pid, socket })}\n`);
  const end = await endOf(execution);
  await writeWholeFile(folder.end, `${messageLine(end)}\n`);
  await attached.close(end);
  server.close();
  if (!isWindows) await rm(dirname(socket), { recursive: true, force: true });
  await lock.release();
}

/** Connections of controllers, one at a time. */
class Controllers {
  readonly #execution: Execution;
  #socket: Socket | null = null;
  #next: () => void = () => undefined;
  #reading: Promise<void> = Promise.resolve();
  #isDetached = false;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  accept(socket: Socket): void {
    socket.on("error", () => undefined); // `close` follows
    const leaving = this.#isDetached ? this.#socket : null;
    // the next one may arrive before the connection of the one that detached has closed
    if (leaving !== null) return void leaving.once("close", () => this.accept(socket));
    if (this.#socket !== null) return void socket.destroy(); // another controller is attached
    this.#socket = socket;
    this.#isDetached = false;
    socket.on("close", () => {
      this.#socket = null;
      if (!this.#isDetached) this.lose();
      this.#execution.detach();
      this.#next();
    });
    readMessages(socket, toWorkerSchema, (message) => {
      if (message.kind === "attach")
        this.#reading = this.#reading.then(() => this.#deliver(socket, message.after));
      else if (message.kind === "next") this.#next();
      else if (message.kind === "command") this.#execution.send(message.command);
      else if (message.kind === "leave") socket.end();
      else if (message.kind === "detach") {
        this.#isDetached = true;
        socket.end();
      }
    });
  }

  /** Stops the execution after its controller died, unless another one is attached or it was detached. */
  lose(): void {
    if (this.#socket !== null || this.#isDetached) return;
    this.#execution.send({ kind: "stop" });
    this.#execution.detach();
  }

  /** Sends the result or failure to the controller, if one is attached, and to one that waits for its turn. */
  async close(end: FromWorker): Promise<void> {
    await this.#reading;
    for (let socket = this.#socket; socket !== null; socket = this.#socket) {
      const closed = new Promise<void>((resolve) => socket?.once("close", () => resolve()));
      sendMessage(socket, end);
      socket.end();
      await closed;
    }
  }

  async #deliver(socket: Socket, after: number): Promise<void> {
    for await (const event of this.#execution.events(after)) {
      const processed = new Promise<void>((resolve) => {
        this.#next = resolve;
      });
      sendMessage(socket, { kind: "event", event });
      if (this.#socket === socket) await processed;
    }
  }
}

async function endOf(execution: Execution): Promise<FromWorker> {
  try {
    return { kind: "result", result: await execution.result() };
  } catch (error) {
    return { kind: "failure", failure: failureOf(error) };
  }
}

function failureOf(error: unknown): ExecutionFailure {
  if (TunewiseError.is(error)) return { code: error.code, params: error.params, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, params: {}, message };
}

function listen(path: string, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept);
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}
