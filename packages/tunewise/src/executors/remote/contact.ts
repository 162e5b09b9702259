/**
 * @file Tracks how long another machine has been silent. After its lease it has stopped by itself, so time after the
 * lease is neither awaited nor charged.
 */
import { writeFile } from "node:fs/promises";
import { seconds, secondsText } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import { executionFolder } from "../process/protocol.ts";

/** Maximum interval between two checks of the clock. */
const maxLookMs = 1_000;

/** An execution on a machine with a lease. */
export interface Leased {
  readonly run: string;
  /** The run's folder on this machine. */
  readonly folder: string;
  readonly address: string;
  readonly leaseSeconds: number;
  /** Monotonic clock. */
  readonly elapsedSeconds: () => number;
  /** Random id of the controller. */
  readonly controller: string;
}

const ends = new WeakMap<object, number>();

/**
 * When the lease of a lost machine ended, in seconds of the runtime's monotonic clock; `null` if the error has another
 * cause.
 */
export function leaseEndOf(error: unknown): number | null {
  return typeof error === "object" && error !== null ? (ends.get(error) ?? null) : null;
}

/** Tracks contact with one machine. */
export class Contact {
  /** Rejects with `MACHINE_LOST` once the machine has been silent for longer than its lease. */
  readonly lost: Promise<never>;
  readonly leased: Leased;
  readonly #gone = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  #lose: (error: Error) => void = () => undefined;
  /** Times of the last contact and of the last check of the clock. */
  #heard: number;
  #looked: number;
  #noted = Number.NEGATIVE_INFINITY;
  /** Silence in seconds. Excludes time that this process was suspended, when it could not have heard anything. */
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
    this.lost.catch(() => undefined); // `guard` reports it
    const everyMs = Math.min(maxLookMs, 250 * leased.leaseSeconds);
    this.#looking = setInterval(() => this.#look(everyMs / 1000), everyMs);
  }

  /** Signal that is aborted with `MACHINE_LOST` when the machine is lost, for requests to it. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Seconds since the last contact, excluding time that this process was suspended. */
  get silentSeconds(): number {
    return this.#silent;
  }

  /** Records a sign of life of the machine. */
  hear(): void {
    const { elapsedSeconds, folder } = this.leased;
    this.#heard = elapsedSeconds();
    this.#silent = 0;
    if (this.#heard - this.#noted < 1) return;
    this.#noted = this.#heard;
    void noteContact(folder);
  }

  /** Records why the machine could not be reached. */
  miss(error: unknown): void {
    if (error instanceof Error) this.#reason = error.message;
  }

  /** Awaits work; rejects with `MACHINE_LOST` if the machine is lost first. */
  guard<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.lost]);
  }

  /** Stops tracking. */
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

/** Records the time of the latest contact between the worker and its controller. */
export async function noteContact(folder: string): Promise<void> {
  // if the disk is full, a later attempt may succeed
  await writeFile(executionFolder(folder).contact, "").catch(() => undefined);
}
