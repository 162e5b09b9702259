/**
 * @file How long another machine has not been heard. A machine that is silent for longer than its lease has stopped by
 * itself, so that nothing after the lease is waited for or charged.
 */
import { writeFile } from "node:fs/promises";
import { seconds, secondsText } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import { executionFolder } from "../process/protocol.ts";

/** The longest time between two looks at the clock. */
const lookMostMs = 1_000;

/** What a contact needs to know of its execution. */
export interface Leased {
  readonly run: string;
  /** Folder of the run, here. */
  readonly folder: string;
  readonly address: string;
  readonly leaseSeconds: number;
  /** Monotonic clock. */
  readonly elapsedSeconds: () => number;
  /** Random text. */
  readonly controller: string;
}

const ends = new WeakMap<object, number>();

/**
 * When the lease of a machine that was lost ended, in seconds of the runtime's monotonic clock; `null` if that is not
 * why an execution failed.
 */
export function leaseEndOf(error: unknown): number | null {
  return typeof error === "object" && error !== null ? (ends.get(error) ?? null) : null;
}

/** Signs of life of one machine. */
export class Contact {
  /** Rejects with `MACHINE_LOST` once nothing was heard for as long as the lease. */
  readonly lost: Promise<never>;
  readonly leased: Leased;
  readonly #gone = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  #lose: (error: Error) => void = () => undefined;
  /** When the machine was heard last, and when the clock was last looked at. */
  #heard: number;
  #looked: number;
  #noted = Number.NEGATIVE_INFINITY;
  /** Of the time since then, what this process was awake for: one that was suspended has heard nothing. */
  #silent = 0;
  /** Why the last attempt to reach it failed. */
  #reason = "it does not answer";

  constructor(leased: Leased) {
    this.leased = leased;
    this.#heard = leased.elapsedSeconds();
    this.#looked = this.#heard;
    this.lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => undefined); // whoever guards work by it learns of it
    const everyMs = Math.min(lookMostMs, 250 * leased.leaseSeconds);
    this.#looking = setInterval(() => this.#look(everyMs / 1000), everyMs);
  }

  /** Aborted when the machine is lost, with `MACHINE_LOST` as its reason: for requests that nobody needs to wait for. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Seconds without a sign of life. */
  get silentSeconds(): number {
    return this.#silent;
  }

  /** The machine gave a sign of life. */
  hear(): void {
    const { elapsedSeconds, folder } = this.leased;
    this.#heard = elapsedSeconds();
    this.#silent = 0;
    if (this.#heard - this.#noted < 1) return;
    this.#noted = this.#heard;
    void noteContact(folder);
  }

  /** Notes why it could not be reached. */
  miss(error: unknown): void {
    if (error instanceof Error) this.#reason = error.message;
  }

  /** Work that ends with `MACHINE_LOST` where the machine is lost meanwhile. */
  guard<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.lost]);
  }

  /** Nothing is expected of it any more. */
  close(): void {
    clearInterval(this.#looking);
  }

  #look(everySeconds: number): void {
    const { elapsedSeconds, leaseSeconds, run, address } = this.leased;
    const now = elapsedSeconds();
    this.#silent += Math.min(now - this.#looked, 2 * everySeconds);
    this.#looked = now;
    if (this.#silent <= leaseSeconds) return;
    this.close();
    const lost = problem("MACHINE_LOST", {
      run,
      address,
      lease: secondsText(seconds(leaseSeconds)),
      reason: this.#reason,
    });
    ends.set(lost, this.#heard + leaseSeconds);
    this.#lose(lost);
    this.#gone.abort(lost);
  }
}

/** Notes that the worker and its controller heard from each other just now. */
export async function noteContact(folder: string): Promise<void> {
  // a full disk; the next one may be written
  await writeFile(executionFolder(folder).contact, "").catch(() => undefined);
}
