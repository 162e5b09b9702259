/**
 * @file What is asked of another machine: each request carries the text of `box.py`, which does it there. A machine
 * needs a Python with the worker's packages, and nothing of ours before the first request.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { parseMessage, protocolVersion, sendMessage } from "../process/protocol.ts";
import type { Machine, RemoteProcess } from "./machine.ts";
import { type Replies, replySchemas } from "./replies.ts";

/** Versions of Python that the worker runs on. */
const pythons = { least: "3.10", most: "3.13" } as const;
/** Longest reply: a list of a run's files. */
const maxReplyBytes = 64 << 20;
const maxProgramBytes = 1 << 20;
/** Time between two signs of life while a worker is waited for. */
const renewMs = 5_000;

const failureSchema = z.object({
  failure: z.enum(["disk-full", "system", "request", "busy"]),
  ...{ path: z.string(), reason: z.string() },
});

/** Another machine, asked about one run. */
export class Box {
  readonly machine: Machine;
  readonly run: string;
  /** Name of the environment with the worker's packages. */
  readonly environment: string;

  constructor(machine: Machine, run: string, environment: string) {
    this.machine = machine;
    this.run = run;
    this.environment = environment;
  }

  /**
   * Asks for something.
   *
   * @param payload bytes that follow the request
   * @throws {TunewiseError} those of `Machine.requireReached`; `REMOTE_PYTHON_UNFIT`, `REMOTE_DISK_FULL`,
   *   `REMOTE_FAILED`, `RUN_LOCKED` if a worker is at work where files are to be replaced
   */
  async ask<Act extends keyof Replies>(
    act: Act,
    params: object = {},
    payload: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
  ): Promise<Replies[Act]> {
    const process = this.machine.begin(this.environment);
    const sent = pipeline(Readable.from(this.#request(act, params, payload)), process.stdin);
    sent.catch(() => undefined); // a machine that does not read says why, or has gone
    const reply = await this.#reply(act, process);
    process.stdin.destroy();
    process.stdout.resume();
    const { code, stderr } = await process.ended;
    this.machine.requireReached(code, stderr);
    return reply;
  }

  /** Reads a file of the run's folder from a place in it. */
  async *read(path: string, from: number): AsyncGenerator<Buffer, void, void> {
    const process = this.machine.begin(this.environment);
    try {
      const { stdin, stdout } = process;
      stdin.end(await this.#head("send", { path, from }));
      await this.#reply("send", process);
      stdout.resume();
      for await (const part of stdout as AsyncIterable<Buffer>) yield part;
      const { code, stderr } = await process.ended;
      this.machine.requireReached(code, stderr);
    } finally {
      process.kill();
    }
  }

  /**
   * Connects to the worker; `null` if none works.
   *
   * @throws {TunewiseError} those of `ask`; `REMOTE_WORKER_VERSION`
   */
  async bridge(): Promise<RemoteProcess | null> {
    const process = this.machine.begin(this.environment);
    process.stdin.write(await this.#head("bridge", {}));
    // a worker that waits for room on a cluster has a lease too
    const renewing = setInterval(
      () => sendMessage(process.stdin, { kind: "renew", controller: "" }),
      renewMs,
    );
    const reply = this.#reply("bridge", process).finally(() => clearInterval(renewing));
    const { connected, protocol = 0 } = await reply;
    if (connected && protocol === protocolVersion) return process;
    process.kill();
    if (!connected) return null;
    const found = String(protocol);
    throw problem("REMOTE_WORKER_VERSION", {
      run: this.run,
      address: this.#name,
      found,
      known: protocolVersion,
    });
  }

  get #name(): string {
    return this.machine.address;
  }

  /** The program that does it there, and what it is to do. */
  async #head(act: keyof Replies, params: object): Promise<Buffer> {
    const program = await readTextFile(packageFile("worker/tunewise_worker/box.py"), maxProgramBytes);
    const request = JSON.stringify({ ...params, act, run: this.run });
    return Buffer.from(`${Buffer.byteLength(program)}\n${program}${request}\n`);
  }

  async *#request(
    act: keyof Replies,
    params: object,
    payload: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, void> {
    yield await this.#head(act, params);
    yield* payload;
  }

  async #reply<Act extends keyof Replies>(act: Act, process: RemoteProcess): Promise<Replies[Act]> {
    const line = await firstLine(process.stdout);
    if (line !== null) this.#requireDone(line, process);
    const reply = line === null ? null : parseMessage(line, replySchemas[act] as z.ZodType<Replies[Act]>);
    if (reply !== null) return reply;
    process.stdout.resume();
    const { code, stderr } = await process.ended;
    this.machine.requireReached(code, stderr);
    const reason = stderr.trim().split("\n").at(-1)?.slice(0, 500) || `it ended with exit code ${code}`;
    throw problem("REMOTE_FAILED", { address: this.#name, what: act, reason });
  }

  /** Throws what a machine says that could not do it. */
  #requireDone(line: string, { stdout }: RemoteProcess): void {
    const address = this.#name;
    const old = /^python (\d+\.\d+)$/.exec(line)?.[1];
    // the script writes the path of a Python that is not there, and nothing else; a reply is an object
    const [python, found] = line.startsWith("{")
      ? [null, ""]
      : [
          old === undefined ? line.slice(0, 300) : "its Python",
          old === undefined ? "is not there" : `is ${old}`,
        ];
    const failed = python === null ? parseMessage(line, failureSchema) : null;
    if (python === null && failed === null) return;
    stdout.resume();
    if (python !== null)
      throw problem("REMOTE_PYTHON_UNFIT", {
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
    throw problem("REMOTE_FAILED", { address, what: path === "" ? "a request" : path, reason });
  }
}

/** The first line of a stream, which keeps the rest and waits; `null` if it ends before. */
function firstLine(stream: Readable): Promise<string | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (line: string | null): void => {
      stream.off("data", read).off("end", end).off("close", end);
      resolve(line);
    };
    const end = (): void => finish(null);
    const read = (part: Buffer): void => {
      const at = part.indexOf(10);
      parts.push(at < 0 ? part : part.subarray(0, at));
      size += part.length;
      if (at < 0 && size <= maxReplyBytes) return;
      stream.pause();
      if (at >= 0 && at + 1 < part.length) stream.unshift(part.subarray(at + 1));
      finish(at < 0 ? null : Buffer.concat(parts).toString("utf8").trim());
    };
    stream.on("data", read).once("end", end).once("close", end);
  });
}
