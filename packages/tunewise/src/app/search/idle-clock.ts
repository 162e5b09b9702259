/**
 * @file Meters idle machine time: the machine costs the same while fewer trials run than could, and no run's ledger
 * has it.
 */
import { MeteredTime, type Seconds, seconds, type Usd } from "@tunewise/core/quantity";
import type { SearchRate } from "../../report/index.ts";
import { type LineLog, openLineLog } from "./line-log.ts";

/** Milliseconds between writes: what a kill may lose, as for a run's ledger. */
const tickMs = 2_000;

/** A line of the log: the total idle time so far. */
interface IdleLine {
  /** Seconds of the whole machine. */
  readonly seconds: number;
}

/** Idle time, in seconds of the whole machine. */
export function idleSeconds(wallSeconds: number, running: number, parallel: number): Seconds {
  return seconds((wallSeconds * Math.max(0, parallel - running)) / parallel);
}

/** Clock of a search's idle time, from the first segment of an execution to the last. */
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

  /** Opens the clock at the total of earlier executions. @param rate of the whole machine */
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

  /** Sets how many trials run from now on; the first call starts the clock. Sequential trials leave nothing idle. */
  setRunning(running: number): void {
    if (this.#parallel === 1) return;
    this.#update();
    this.#updatedAt = this.#elapsed();
    this.#running = running;
  }

  /** Writes the total every few seconds and then calls the listener, until the clock stops. */
  onTick(onTick: () => void): void {
    this.#timer = setInterval(() => {
      // a failed write is repeated at the end, and reported there
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
