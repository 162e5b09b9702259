/**
 * @file Meters idle machine time. The machine costs the same when fewer trials run than possible, and no run's ledger
 * contains that cost.
 */
import { MeteredTime, type Seconds, seconds, type Usd } from "@tunewise/core/quantity";
import type { SearchRate } from "../../report/index.ts";
import { type LineLog, openLineLog } from "./line-log.ts";

/** Milliseconds between writes. A kill loses at most that much, as in a run's ledger. */
const tickMs = 2_000;

/** A line of the log with the total idle time so far. */
interface IdleLine {
  /** Seconds of the whole machine. */
  readonly seconds: number;
}

/** Converts idle shares to seconds of the whole machine. */
export function idleSeconds(wallSeconds: number, running: number, parallel: number): Seconds {
  return seconds((wallSeconds * Math.max(0, parallel - running)) / parallel);
}

/** Clock of a search's idle time, from the first segment to the last in this process. */
export class IdleClock {
  readonly #parallel: number;
  readonly #elapsed: () => number;
  readonly #log: LineLog;
  #idle: MeteredTime;
  #written: number;
  #running = 0;
  /** When `#idle` was updated; `null` while the clock is stopped. */
  #updatedAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  private constructor(log: LineLog, parallel: number, rate: SearchRate, elapsed: () => number) {
    [this.#log, this.#parallel, this.#elapsed] = [log, parallel, elapsed];
    this.#written = (log.known as readonly IdleLine[]).at(-1)?.seconds ?? 0;
    this.#idle = MeteredTime.ofSeconds(rate.usdPerHour, this.#written);
  }

  /** Opens the clock with the total of earlier executions. @param rate rate of the whole machine */
  static async open(
    path: string,
    parallel: number,
    rate: SearchRate,
    elapsed: () => number,
  ): Promise<IdleClock> {
    return new IdleClock(await openLineLog(path), parallel, rate, elapsed);
  }

  /** Cost of the idle time so far. */
  get usd(): Usd {
    this.#update();
    return this.#idle.spent;
  }

  /** Sets the number of running trials. The first call starts the clock. Sequential trials have no idle time. */
  setRunning(running: number): void {
    if (this.#parallel === 1) return;
    this.#update();
    this.#updatedAt = this.#elapsed();
    this.#running = running;
  }

  /** Writes the total every few seconds and then calls the listener, until the clock stops. */
  onTick(onTick: () => void): void {
    this.#timer = setInterval(() => {
      // a failed write is repeated at the end, which reports the error
      void this.write().then(onTick, () => undefined);
    }, tickMs);
  }

  /** Writes the total idle time. */
  async write(): Promise<void> {
    this.#update();
    const { duration } = this.#idle;
    if (duration === this.#written) return;
    this.#written = duration;
    await this.#log.add([{ seconds: duration } satisfies IdleLine]);
  }

  /** Stops the clock after the last trial. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#update();
    this.#updatedAt = null;
    await this.write();
  }

  /** Stops the clock if it is running, and closes its file. */
  async close(): Promise<void> {
    await this.stop();
    await this.#log.close();
  }

  #update(): void {
    if (this.#updatedAt === null) return;
    const now = this.#elapsed();
    this.#idle = this.#idle.plus(idleSeconds(now - this.#updatedAt, this.#running, this.#parallel));
    this.#updatedAt = now;
  }
}
