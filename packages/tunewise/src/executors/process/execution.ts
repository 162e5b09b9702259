/** @file An execution in another process: events, commands and requests as messages. */
import { existsSync } from "node:fs";
import type {
  Execution,
  ExecutionEvent,
  ExecutionFailure,
  Numbered,
  RunCommand,
  RunResult,
  RunSpec,
} from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { readLines } from "@tunewise/tracker";
import { type ProblemCode, problem } from "../../problem/index.ts";
import type { Connection } from "./connection.ts";
import {
  type ExecutionFolder,
  type FromWorker,
  fromWorkerSchema,
  parseMessage,
  type ToWorker,
} from "./protocol.ts";

/** Maximum bytes read from an execution's event file and end file. */
const maxEndBytes = 1 << 30;

/** Reads how an execution ended from its file; `null` if it has not ended. */
export async function readEnd(folder: ExecutionFolder): Promise<FromWorker | null> {
  return parseMessage(await readTextFile(folder.end, maxEndBytes).catch(() => ""), fromWorkerSchema);
}

/** Work of the controller while the worker pauses. Its events are reported as the execution's own. */
export type Pause = (
  pause: Extract<FromWorker, { readonly kind: "pause" }>,
) => AsyncIterable<Numbered<ExecutionEvent>>;

/** Options of a query to the worker. */
export interface QueryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

type Incoming = Extract<FromWorker, { readonly kind: "event" | "pause" }>;

interface OpenQuery {
  readonly message: Extract<ToWorker, { readonly kind: "query" }>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly onProgress: (done: number) => void;
}

/**
 * An execution in a separate process.
 *
 * @throws {TunewiseError} `EXECUTION_LOST` from `result()` if the process ends without one
 */
export class ProcessExecution implements Execution {
  readonly #run: string;
  readonly #folder: ExecutionFolder;
  readonly #connection: Connection | null;
  readonly #result: Promise<RunResult>;
  readonly #ended: Promise<string>;
  #received: Incoming[] = [];
  /** Number of the last event delivered to the reader; `null` before it attaches. */
  #taken: number | null = null;
  #lastPause = 0;
  /** Number of reconnections. */
  #generation = 0;
  /** All commands so far, which are resent after a reconnection. */
  readonly #commands: Extract<ToWorker, { readonly kind: "command" }>[] = [];
  readonly #queries = new Map<number, OpenQuery>();
  #lastQuery = 0;
  #isClosed: boolean;
  #isDetached = false;
  #wake: () => void = () => undefined;

  /** @param connection to the worker; `null` if it has ended */
  constructor(
    { run }: Pick<RunSpec, "run">,
    folder: ExecutionFolder,
    connection: Connection | null,
    ended: Promise<string>,
  ) {
    this.#run = run;
    this.#folder = folder;
    this.#connection = connection;
    this.#ended = ended;
    this.#isClosed = connection === null;
    this.#result = this.#untilEnd(connection);
    this.#result.catch(() => undefined); // `result()` reports the failure
  }

  /** @param onPause does the work that the worker leaves to its controller */
  async *events(after = 0, onPause: Pause = nothing): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    const connection = this.#connection;
    if (connection === null) return yield* this.#recorded(after);
    let isLeft = true;
    this.#taken = after;
    connection.send({ kind: "attach", after });
    try {
      for (;;) {
        const message = this.#received.shift();
        if (message) {
          const generation = this.#generation;
          for await (const event of this.#isNew(message) ? whatHappens(message, onPause) : []) {
            if (event.kind !== "phase") this.#taken = Math.max(this.#taken ?? 0, event.seq);
            yield event;
          }
          // a new connection already states the last processed event when it attaches
          if (generation === this.#generation) connection.send({ kind: "next" });
        } else if (this.#isClosed) {
          isLeft = false;
          // the worker may have ended before it delivered the events of the detached time
          if (!this.#isDetached) yield* this.#recorded(this.#taken);
          return;
        } else
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
      }
    } finally {
      // a reader that leaves early ends the execution
      if (isLeft && !this.#isDetached) connection.leave();
    }
  }

  send(command: RunCommand): void {
    if (this.#connection === null) return;
    const message = { kind: "command", command, number: this.#commands.length + 1 } as const;
    this.#commands.push(message);
    this.#connection.send(message);
  }

  /**
   * Sends a query to the worker, which must be pausing.
   *
   * @throws the reason of `signal`, or the error that ended the worker
   */
  query(name: string, params: object, { signal, onProgress }: QueryOptions = {}): Promise<unknown> {
    const connection = this.#connection;
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const id = ++this.#lastQuery;
      const message = { kind: "query", id, name, params: { ...params } } as const;
      const cancel = (): void => {
        connection?.send({ kind: "cancel", id });
        this.#queries.delete(id);
        reject(signal?.reason);
      };
      const settled = (): void => {
        signal?.removeEventListener("abort", cancel);
        this.#queries.delete(id);
      };
      this.#queries.set(id, {
        message,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
        onProgress: onProgress ?? (() => undefined),
      });
      signal?.addEventListener("abort", cancel, { once: true });
      if (connection && !this.#isClosed) connection.send(message);
      else void this.#failQueries();
    });
  }

  result(): Promise<RunResult> {
    return this.#result;
  }

  detach(): void {
    this.#isDetached = true;
    this.#connection?.send({ kind: "detach" });
  }

  isActive(): boolean {
    return !this.#isClosed && (this.#connection?.isUp() ?? false);
  }

  end(): void {
    if (!this.#isClosed) this.#connection?.end();
  }

  /** Yields the events of an execution that has ended, from its file. */
  async *#recorded(after: number): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
    await this.#ended.catch(() => undefined); // a remote execution's files are complete here only after its end
    if (!existsSync(this.#folder.events)) return; // it ended before its first event
    for await (const lines of readLines(this.#folder.events, maxEndBytes)) {
      for (const { text } of lines) {
        const message = text === null ? null : parseMessage(text, fromWorkerSchema);
        if (message?.kind === "event" && message.event.seq > after) yield message.event;
      }
    }
  }

  /** Whether a message is new, rather than one that was resent over a later connection. */
  #isNew(message: Incoming): boolean {
    if (message.kind === "event")
      return message.event.kind === "phase" || message.event.seq > (this.#taken ?? 0);
    if (message.number <= this.#lastPause) return false;
    this.#lastPause = message.number;
    return true;
  }

  /** Resends what a lost connection may not have delivered; the worker recognizes duplicates by their number. */
  #resume(connection: Connection): void {
    this.#generation++;
    this.#received = [];
    if (this.#taken !== null) connection.send({ kind: "attach", after: this.#taken });
    for (const command of this.#commands) connection.send(command);
    for (const { message } of this.#queries.values()) connection.send(message);
    if (this.#isDetached) connection.send({ kind: "detach" });
  }

  async #untilEnd(connection: Connection | null): Promise<RunResult> {
    const sent = connection && (await this.#untilClosed(connection));
    const held = setInterval(() => undefined, 60_000); // keeps this process alive: the worker's handle alone does not
    const how = await this.#ended.finally(() => clearInterval(held));
    const end = sent ?? (await readEnd(this.#folder));
    if (end?.kind === "result") return end.result;
    if (end?.kind !== "failure")
      throw problem("EXECUTION_LOST", { run: this.#run, how: how === "" ? "ended without a result" : how });
    throw errorOf(end.failure);
  }

  /** Rejects open queries with the error that ended the worker. */
  async #failQueries(): Promise<void> {
    const reason = await this.#result.then(
      () => new Error("Internal: the worker has ended"),
      (error: unknown) => error,
    );
    for (const { reject } of [...this.#queries.values()]) reject(reason);
  }

  #settle({ id, result, failure }: Extract<FromWorker, { readonly kind: "reply" }>): void {
    const open = this.#queries.get(id);
    if (failure === null) open?.resolve(result);
    else open?.reject(errorOf(failure));
  }

  /** Receives messages until the connection closes. Returns the result or failure message, if there was one. */
  #untilClosed(connection: Connection): Promise<FromWorker | null> {
    return new Promise((resolve) => {
      let end: FromWorker | null = null;
      connection.open({
        onMessage: (message) => {
          if (message.kind === "event" || message.kind === "pause") this.#received.push(message);
          else if (message.kind === "progress") this.#queries.get(message.id)?.onProgress(message.done);
          else if (message.kind === "reply") this.#settle(message);
          else end = message;
          this.#wake();
        },
        onReplaced: () => this.#resume(connection),
        onClose: () => {
          this.#isClosed = true;
          this.#wake();
          resolve(end);
          void this.#failQueries();
        },
      });
    });
  }
}

/** The events that a message leads to. */
function whatHappens(
  message: Incoming,
  onPause: Pause,
): AsyncIterable<Numbered<ExecutionEvent>> | Iterable<Numbered<ExecutionEvent>> {
  return message.kind === "pause" ? onPause(message) : [message.event];
}

/** Default for workers that measure by themselves, which never pause. */
async function* nothing(): AsyncGenerator<never, void, void> {}

function errorOf({ code, params, message }: ExecutionFailure): Error {
  return code === null ? new Error(message) : problem(code as ProblemCode, params);
}
