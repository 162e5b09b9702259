/**
 * @file The connection to a worker on another machine. It is carried by one process there after the other: a lost one
 * is replaced, and the worker goes on meanwhile, as long as its lease lasts.
 */
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, ConnectionHandlers } from "../process/connection.ts";
import {
  executionFolder,
  type FromWorker,
  fromWorkerSchema,
  readMessages,
  sendMessage,
  type ToWorker,
} from "../process/protocol.ts";
import type { Box } from "./box.ts";
import { throughLosses } from "./files.ts";
import { isConnectionLost, type RemoteProcess } from "./machine.ts";

/** The longest time between two signs of life, and between two attempts to connect again. */
const [renewMostMs, pauseMostMs] = [5_000, 10_000];

/** What a connection needs to know of its execution. */
export interface Leased {
  /** Folder of the run, here. */
  readonly folder: string;
  readonly leaseSeconds: number;
  /** Monotonic clock. */
  readonly elapsedSeconds: () => number;
  /** Random text. */
  readonly controller: string;
}

/** A connection that outlives what carries it. */
export class RemoteConnection implements Connection {
  /** Settles when nothing comes any more; rejects with why, if the worker may still be at work. */
  readonly closed: Promise<void>;
  readonly #box: Box;
  readonly #leased: Leased;
  readonly #first: RemoteProcess;
  #carrier: RemoteProcess | null = null;
  #handlers: ConnectionHandlers | null = null;
  #hasEnded = false;
  #isLeft = false;
  /** Whether the worker was told to go on alone, and has heard it. */
  #isDetached = false;
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | null = null;

  constructor(box: Box, first: RemoteProcess, leased: Leased) {
    this.#box = box;
    this.#first = first;
    this.#leased = leased;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.closed.catch(() => undefined);
  }

  open(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#carry(this.#first);
    const { leaseSeconds } = this.#leased;
    const renewing = setInterval(() => this.#renew(), Math.min(renewMostMs, leaseSeconds * 250));
    void this.closed.catch(() => undefined).finally(() => clearInterval(renewing));
  }

  send(message: ToWorker): void {
    if (this.#carrier === null) return; // it is said again by whoever hears that the carrier was replaced
    if (message.kind === "detach") this.#isDetached = true;
    sendMessage(this.#carrier.stdin, message);
  }

  leave(): void {
    this.#isLeft = true;
    this.send({ kind: "leave" });
  }

  isUp(): boolean {
    return this.#carrier !== null;
  }

  /** The watch there ends it. Where not even that can be asked, its lease is not renewed any more. */
  end(): void {
    const after = (reason: unknown): void => {
      if (reason !== null) {
        this.#hasEnded = true;
        this.#close(reason);
      }
      this.#carrier?.kill();
    };
    throughLosses(() => this.#box.ask("end")).then(() => after(null), after);
  }

  /** A sign of life, and a note of it here: how long the worker may go on follows from it. */
  #renew(): void {
    this.send({ kind: "renew", controller: this.#leased.controller });
    if (this.#carrier !== null) void noteContact(this.#leased.folder);
  }

  #carry(carrier: RemoteProcess): void {
    this.#carrier = carrier;
    const { stdout } = carrier;
    this.#renew();
    if (this.#isLeft) this.send({ kind: "leave" });
    stdout.on("error", () => carrier.kill()); // what came was none of ours
    readMessages(stdout, fromWorkerSchema, (message: FromWorker) => {
      this.#hasEnded ||= message.kind === "result" || message.kind === "failure";
      this.#handlers?.onMessage(message);
    });
    stdout.resume();
    const after = (): void => {
      this.#carrier = null;
      void this.#replace();
    };
    carrier.ended.then(after, after);
  }

  /** Connects again, with growing pauses, until the lease is over for sure. */
  async #replace(): Promise<void> {
    if (this.#hasEnded || this.#isDetached) return this.#close(null);
    const { elapsedSeconds, leaseSeconds } = this.#leased;
    const lost = elapsedSeconds();
    for (let attempt = 0; ; attempt++) {
      try {
        const carrier = await this.#box.bridge();
        if (carrier === null) return this.#close(null);
        this.#carry(carrier);
        this.#handlers?.onReplaced();
        return;
      } catch (error) {
        const isOver = elapsedSeconds() - lost > leaseSeconds;
        if (!isConnectionLost(error) || isOver) return this.#close(error);
      }
      await sleep(Math.min(200 * 2 ** attempt, pauseMostMs));
    }
  }

  #close(reason: unknown): void {
    if (reason === null) this.#settle?.resolve();
    else this.#settle?.reject(reason);
    this.#handlers?.onClose();
  }
}

/** Notes that the worker heard from its controller just now. */
export async function noteContact(folder: string): Promise<void> {
  // a full disk; the next one may be written
  await writeFile(executionFolder(folder).contact, "").catch(() => undefined);
}
