/**
 * @file Sends requests to another machine. Each request carries the text of `box.py`, which executes it there. The
 * machine needs a Python with the worker's packages, but nothing of tunewise beforehand.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { parseMessage, protocolVersion, sendMessage } from "../process/protocol.ts";
import type { Machine, RemoteProcess } from "./machine.ts";
import { type Replies, replyLimits, replySchemas } from "./replies.ts";

/** Python versions that the worker supports. */
const pythons = { least: "3.10", most: "3.13" } as const;
const maxProgramBytes = 1 << 20;
/** Default heartbeat interval, in seconds. */
const usualBeatSeconds = 5;

const failureSchema = z.object({
  failure: z.enum(["disk-full", "system", "request", "busy"]),
  path: z.string(),
  reason: z.string(),
});

/** Options of requests. */
export interface Asking {
  /** Aborts requests at once. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever the machine sends or reads something. */
  readonly onHeard?: (() => void) | undefined;
  /** Monotonic clock; without it, requests are not timed. */
  readonly elapsedSeconds?: () => number;
}

/** A request in progress. */
interface Request {
  readonly act: keyof Replies;
  readonly process: RemoteProcess;
  /** Restarts its time limit. */
  readonly touch: () => void;
}

/** Another machine, as the target of requests about one run. */
export class Box {
  readonly machine: Machine;
  readonly run: string;
  /** Name of the environment with the worker's packages. */
  readonly environment: string;
  readonly asking: Asking;
  /** Maximum duration of a small request so far, in seconds; shared with the boxes that `with` creates. */
  readonly pace: { request: number };

  constructor(
    machine: Machine,
    run: string,
    environment: string,
    asking: Asking = {},
    pace: Box["pace"] = { request: 0 },
  ) {
    this.machine = machine;
    this.run = run;
    this.environment = environment;
    this.asking = asking;
    this.pace = pace;
  }

  /** Returns the same machine with other options. */
  with(asking: Asking): Box {
    return new Box(this.machine, this.run, this.environment, { ...this.asking, ...asking }, this.pace);
  }

  /**
   * Sends a request and returns the reply.
   *
   * @param payload bytes that follow the request
   * @throws {TunewiseError} the errors of `Machine.requireReached`; `REMOTE_PYTHON_UNSUPPORTED`, `REMOTE_DISK_FULL`,
   *   `REMOTE_FAILED`, `RUN_LOCKED` if a worker is running whose files would be replaced
   */
  async ask<Act extends keyof Replies>(
    act: Act,
    params: object = {},
    payload: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
  ): Promise<Replies[Act]> {
    const start = this.asking.elapsedSeconds?.() ?? 0;
    return this.#within(act, async (request) => {
      const { process } = request;
      const sent = pipeline(Readable.from(this.#content(request, params, payload)), process.stdin);
      sent.catch(() => undefined); // a machine that stops reading replies with the reason, or is gone
      const reply = await this.#reply(request, replySchemas[act] as z.ZodType<Replies[Act]>);
      process.stdin.destroy();
      process.stdout.resume();
      const { code, stderr } = await process.ended;
      this.machine.requireReached(code, stderr);
      if (act === "status")
        this.pace.request = Math.max(this.pace.request, (this.asking.elapsedSeconds?.() ?? 0) - start);
      return reply;
    });
  }

  /** Reads a file of the run's folder from an offset. */
  async *read(path: string, from: number): AsyncGenerator<Buffer, void, void> {
    const parts = await this.#within("send", async (request) => {
      const { stdin, stdout } = request.process;
      stdin.end(await this.#head("send", { path, from }));
      await this.#reply(request, replySchemas.send);
      return { process: request.process, stdout };
    });
    const { process, stdout } = parts;
    const { signal } = this.asking;
    const silence = new Silence(replyLimits.send.seconds, () => process.kill());
    const abort = (): void => process.kill();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      stdout.resume();
      for await (const part of stdout as AsyncIterable<Buffer>) {
        silence.touch();
        this.asking.onHeard?.();
        yield part;
      }
      const { code, stderr } = await process.ended;
      signal?.throwIfAborted();
      if (silence.isOver) throw this.#silent("send");
      this.machine.requireReached(code, stderr);
    } finally {
      signal?.removeEventListener("abort", abort);
      silence.end();
      process.kill();
    }
  }

  /**
   * Connects to the worker; returns `null` if none is running.
   *
   * @param beatSeconds interval of heartbeats in either direction
   * @param waitSeconds how long to wait for a worker that is not listening yet; `null`: until the cluster gives up
   * @throws {TunewiseError} the errors of `ask`; `REMOTE_WORKER_VERSION`
   */
  async bridge(
    beatSeconds: number = usualBeatSeconds,
    waitSeconds: number | null = null,
  ): Promise<RemoteProcess | null> {
    const asked = { beatSeconds, ...(waitSeconds !== null && { waitSeconds }) };
    return this.#within("bridge", async (request) => {
      const { process } = request;
      process.stdin.write(await this.#head("bridge", asked));
      // a worker waiting for resources of a cluster needs its lease renewed too
      const renewing = setInterval(
        () => sendMessage(process.stdin, { kind: "renew", controller: "" }),
        1000 * beatSeconds,
      );
      try {
        for (;;) {
          const reply = await this.#reply(request, replySchemas.bridge);
          if (reply.waiting !== true) return await this.#connected(process, reply);
          request.touch();
        }
      } finally {
        clearInterval(renewing);
      }
    });
  }

  async #connected(
    process: RemoteProcess,
    { connected, protocol = 0 }: Replies["bridge"],
  ): Promise<RemoteProcess | null> {
    if (connected && protocol === protocolVersion) return process;
    process.kill();
    if (!connected) return null;
    throw problem("REMOTE_WORKER_VERSION", {
      run: this.run,
      address: this.#name,
      found: String(protocol),
      known: protocolVersion,
    });
  }

  /**
   * Runs a request, and kills its process if it fails, is aborted or receives nothing within its time limit.
   */
  async #within<Result>(act: keyof Replies, work: (request: Request) => Promise<Result>): Promise<Result> {
    const { signal } = this.asking;
    signal?.throwIfAborted();
    const process = this.machine.begin(this.environment);
    let fail: (reason: unknown) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const silence = new Silence(replyLimits[act].seconds, () => fail(this.#silent(act)));
    const abort = (): void => fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([work({ act, process, touch: () => silence.touch() }), ended]);
    } catch (error) {
      process.stdout.resume();
      process.kill();
      throw error;
    } finally {
      silence.end();
      signal?.removeEventListener("abort", abort);
    }
  }

  #silent(act: keyof Replies): Error {
    return this.machine.unreachable(
      `no answer to the request "${act}" within ${replyLimits[act].seconds} seconds`,
    );
  }

  get #name(): string {
    return this.machine.address;
  }

  /** The program for the other machine, and the request. */
  async #head(act: keyof Replies, params: object): Promise<Buffer> {
    const program = await readTextFile(packageFile("worker/tunewise_worker/box.py"), maxProgramBytes);
    const request = JSON.stringify({ ...params, act, run: this.run });
    return Buffer.from(`${Buffer.byteLength(program)}\n${program}${request}\n`);
  }

  async *#content(
    { act, touch }: Request,
    params: object,
    payload: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, void> {
    yield await this.#head(act, params);
    for await (const part of payload) {
      touch();
      this.asking.onHeard?.(); // the machine is reading what was sent before
      yield part;
    }
  }

  async #reply<Reply>({ act, process }: Request, schema: z.ZodType<Reply>): Promise<Reply> {
    const { bytes } = replyLimits[act];
    const line = await firstLine(process.stdout, bytes);
    if (line === tooLong)
      throw this.machine.unreachable(`it wrote more than ${bytes} bytes before its answer`);
    if (line !== null) this.#requireDone(line, process);
    const reply = line === null ? null : parseMessage(line, schema);
    if (reply !== null) {
      this.asking.onHeard?.();
      return reply;
    }
    if (line !== null) throw this.#failed(act, `it returned ${line.slice(0, 200)}`);
    const { code, stderr } = await process.ended;
    this.machine.requireReached(code, stderr);
    const reason = stderr.trim().split("\n").at(-1)?.slice(0, 500) || `it exited with code ${code}`;
    throw this.#failed(act, reason);
  }

  #failed(what: string, reason: string): Error {
    return problem("REMOTE_FAILED", { address: this.#name, what, reason });
  }

  /** Throws the error that a machine reports instead of a reply. */
  #requireDone(line: string, { stdout }: RemoteProcess): void {
    const address = this.#name;
    const old = /^python (\d+\.\d+)$/.exec(line)?.[1];
    // If Python is missing, the script prints only its path; a reply is a JSON object.
    const [python, found] = line.startsWith("{")
      ? [null, ""]
      : [
          old === undefined ? line.slice(0, 300) : "its Python",
          old === undefined ? "does not exist" : `is ${old}`,
        ];
    const failed = python === null ? parseMessage(line, failureSchema) : null;
    if (python === null && failed === null) return;
    stdout.resume();
    if (python !== null)
      throw problem("REMOTE_PYTHON_UNSUPPORTED", {
        address,
        python,
        found,
        ...pythons,
        line: this.machine.installLine(this.environment),
      });
    const { failure, path, reason } = failed as NonNullable<typeof failed>;
    if (failure === "disk-full") throw problem("REMOTE_DISK_FULL", { address, path, reason });
    if (failure === "busy")
      throw problem("RUN_LOCKED", {
        pid: "of the worker",
        host: address,
        path,
        since: "before this request",
      });
    throw this.#failed(path === "" ? "a request" : path, reason);
  }
}

const tooLong: unique symbol = Symbol("a line that is too long");

/** Reads the first line of a stream and pauses it with the rest unread; `null` if it ends first. */
function firstLine(stream: Readable, maxBytes: number): Promise<string | typeof tooLong | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (line: string | typeof tooLong | null): void => {
      stream.off("data", read).off("end", end).off("close", end);
      resolve(line);
    };
    const end = (): void => finish(null);
    const read = (part: Buffer): void => {
      const at = part.indexOf(10);
      parts.push(at < 0 ? part : part.subarray(0, at));
      size += at < 0 ? part.length : at;
      if (at < 0 && size <= maxBytes) return;
      stream.pause();
      if (at >= 0 && at + 1 < part.length) stream.unshift(part.subarray(at + 1));
      finish(size > maxBytes ? tooLong : Buffer.concat(parts).toString("utf8").trim());
    };
    if (stream.readableEnded || stream.destroyed) return end();
    stream.on("data", read).once("end", end).once("close", end);
    stream.resume();
  });
}

/** A time limit that restarts with each sign of life. */
class Silence {
  isOver = false;
  #timer: ReturnType<typeof setTimeout>;

  constructor(seconds: number, onOver: () => void) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      onOver();
    }, 1000 * seconds);
  }

  touch(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
