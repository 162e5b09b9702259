/**
 * @file The connection to a worker on another machine. A process there, the carrier, relays its messages. A lost
 * carrier is replaced, and the worker meanwhile continues for as long as its lease lasts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Connection, ConnectionHandlers } from "../process/connection.ts";
import {
  type FromWorker,
  fromWorkerSchema,
  readMessages,
  sendMessage,
  type ToWorker,
} from "../process/protocol.ts";
import type { Box } from "./box.ts";
import type { Contact } from "./contact.ts";
import { throughLosses } from "./files.ts";
import { isConnectionLost, type RemoteProcess } from "./machine.ts";

/** Maximum interval of heartbeats, and of attempts to reconnect. */
const [renewMostMs, pauseMostMs] = [5_000, 10_000];
/** A carrier silent for this long (six heartbeats) or for half a lease is replaced. */
const maxSilentSeconds = 30;

/** Output of a carrier: messages of the worker, and its own heartbeats while there are none. */
export const carriedSchema: z.ZodType<FromWorker | { readonly kind: "alive" }> = z.union([
  fromWorkerSchema,
  z.object({ kind: z.literal("alive") }),
]);

/** Heartbeat interval in either direction, in seconds. */
export function beatSeconds(leaseSeconds: number): number {
  return Math.min(renewMostMs / 1000, leaseSeconds / 4);
}

/** A connection that outlives its carriers. */
export class RemoteConnection implements Connection {
  /** Settles when the connection is closed; rejects with the reason if the worker may still be running. */
  readonly closed: Promise<void>;
  readonly #box: Box;
  readonly #contact: Contact;
  readonly #first: RemoteProcess;
  #carrier: RemoteProcess | null = null;
  #handlers: ConnectionHandlers | null = null;
  #hasEnded = false;
  #isLeft = false;
  #isClosed = false;
  /** Whether the worker was sent `detach`. */
  #isDetached = false;
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | null = null;

  constructor(box: Box, first: RemoteProcess, contact: Contact) {
    this.#box = box;
    this.#first = first;
    this.#contact = contact;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.closed.catch(() => undefined);
    contact.lost.catch((lost: unknown) => this.#close(lost));
  }

  open(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#carry(this.#first);
    const beating = setInterval(() => this.#beat(), 1000 * beatSeconds(this.#contact.leased.leaseSeconds));
    void this.closed.catch(() => undefined).finally(() => clearInterval(beating));
  }

  send(message: ToWorker): void {
    if (this.#carrier === null) return; // `onReplaced` resends messages
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

  /** Asks the machine to end the worker. If it cannot be reached, the worker's lease is no longer renewed. */
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

  /** Sends a heartbeat, and kills a carrier that has been silent for too long. */
  #beat(): void {
    this.#renew();
    const { leaseSeconds } = this.#contact.leased;
    if (this.#contact.silentSeconds > Math.min(maxSilentSeconds, leaseSeconds / 2)) this.#carrier?.kill();
  }

  #renew(): void {
    this.send({ kind: "renew", controller: this.#contact.leased.controller });
  }

  #carry(carrier: RemoteProcess): void {
    this.#carrier = carrier;
    const { stdout } = carrier;
    this.#renew();
    if (this.#isLeft) this.send({ kind: "leave" });
    stdout.on("error", () => carrier.kill()); // the output violated the protocol
    stdout.on("data", () => this.#contact.hear());
    readMessages(stdout, carriedSchema, (message) => {
      if (message.kind === "alive") return;
      this.#hasEnded ||= message.kind === "result" || message.kind === "failure";
      this.#handlers?.onMessage(message);
    });
    stdout.resume();
    const after = (): void => {
      if (this.#carrier !== carrier) return;
      this.#carrier = null;
      void this.#replace();
    };
    carrier.ended.then(after, after);
  }

  /** Reconnects with growing pauses until the machine counts as lost. */
  async #replace(): Promise<void> {
    if (this.#hasEnded || this.#isDetached) return this.#close(null);
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        const carrier = await this.#box.bridge(beatSeconds(this.#contact.leased.leaseSeconds));
        if (this.#isClosed) return carrier?.kill();
        if (carrier === null) return this.#close(null);
        this.#contact.hear();
        this.#carry(carrier);
        this.#handlers?.onReplaced();
        return;
      } catch (error) {
        if (!isConnectionLost(error)) return this.#close(error);
        this.#contact.miss(error);
      }
      await sleep(Math.min(200 * 2 ** attempt, pauseMostMs));
    }
  }

  /** @param reason the error if the worker may still be running; `null` if it is not */
  #close(reason: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (reason === null) this.#settle?.resolve();
    else this.#settle?.reject(reason);
    const carrier = this.#carrier;
    this.#carrier = null;
    if (reason !== null) carrier?.kill();
    this.#handlers?.onClose();
  }
}
