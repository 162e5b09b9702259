/**
 * @file What of the machine stands idle while fewer trials run than could: time that nobody's ledger has, and that the
 * machine costs all the same.
 */
import { cost, type Seconds, seconds, type Usd } from "../../quantity/index.ts";
import type { SearchRate } from "../../report/index.ts";
import { type LineLog, openLineLog } from "./line-log.ts";

/** Milliseconds between looks: what a kill may cost of the account, as for a run's ledger. */
const tickEvery = 2_000;

/** A line of its file: all that was idle up to then. */
interface IdleLine {
  /** Seconds of the whole machine. */
  readonly seconds: number;
}

/** Seconds of the whole machine that so many seconds with so few trials leave idle. */
export function idleSeconds(wallSeconds: number, running: number, parallel: number): Seconds {
  return seconds((wallSeconds * Math.max(0, parallel - running)) / parallel);
}

/** The clock of a search's idle share, from its first stretch of a sitting to the last. */
export class IdleClock {
  readonly #parallel: number;
  readonly #rate: SearchRate;
  readonly #elapsed: () => number;
  readonly #log: LineLog;
  #seconds: number;
  #written: number;
  #running = 0;
  /** When `#seconds` was true; `null`: it stands. */
  #at: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  private constructor(log: LineLog, parallel: number, rate: SearchRate, elapsed: () => number) {
    [this.#log, this.#parallel, this.#rate, this.#elapsed] = [log, parallel, rate, elapsed];
    this.#seconds = (log.known as readonly IdleLine[]).at(-1)?.seconds ?? 0;
    this.#written = this.#seconds;
  }

  /** Opens the clock with what earlier sittings left. @param rate of the whole machine */
  static async open(
    path: string,
    parallel: number,
    rate: SearchRate,
    elapsed: () => number,
  ): Promise<IdleClock> {
    return new IdleClock(await openLineLog(path), parallel, rate, elapsed);
  }

  /** What it cost so far. */
  get usd(): Usd {
    this.#count();
    return cost(this.#rate.usdPerHour, seconds(this.#seconds));
  }

  /** Says how many trials run from now on; the first time starts the clock. One trial at a time leaves nothing idle. */
  run(running: number): void {
    if (this.#parallel === 1) return;
    this.#count();
    this.#at = this.#elapsed();
    this.#running = running;
  }

  /** Calls a listener every few seconds, after what is idle by then was written down, until the clock stops. */
  watch(onTick: () => void): void {
    this.#timer = setInterval(() => {
      // what could not be written now is written at the end, or fails there
      void this.write().then(onTick, () => undefined);
    }, tickEvery);
  }

  /** Writes down what is idle by now. */
  async write(): Promise<void> {
    this.#count();
    if (this.#seconds === this.#written) return;
    this.#written = this.#seconds;
    await this.#log.add([{ seconds: this.#seconds } satisfies IdleLine]);
  }

  /** Stops the clock: what comes now is no trial. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#count();
    this.#at = null;
    await this.write();
  }

  /** Stops it where it still goes, and closes its file. */
  async close(): Promise<void> {
    await this.stop();
    await this.#log.close();
  }

  #count(): void {
    if (this.#at === null) return;
    const now = this.#elapsed();
    this.#seconds += idleSeconds(now - this.#at, this.#running, this.#parallel);
    this.#at = now;
  }
}
