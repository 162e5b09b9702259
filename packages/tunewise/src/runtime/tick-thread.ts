/**
 * @file Worker thread that writes a run's meter to disk, since the main thread may be busy for longer than a tick.
 * Its program is a string, since a worker starts from a file or a string.
 */
import { Worker } from "node:worker_threads";
import { type Tick, tickBytes } from "./tick-file.ts";

/** Milliseconds between ticks: the maximum time that a kill may lose. */
export const tickMs = 1_000;

/** Inputs of the thread. */
export interface TickOrder {
  /** Path of a file with preallocated space for a tick. */
  readonly path: string;
  /** Totals of the meter at the start. */
  readonly base: Pick<Tick, "seconds" | "microUsd">;
  readonly price: Pick<Tick, "microUsdPerHour" | "priceSource">;
  /** Seconds of the session before the start. */
  readonly elapsedSeconds: number;
}

/** A running thread. */
export interface Ticks {
  /** Stops the thread; nothing is written afterwards. */
  stop(): Promise<void>;
}

/** Starts ticks; the first is immediate. */
export type StartTicks = (order: TickOrder) => Ticks;

/**
 * Duplicates the cost formula of `MeteredTime`, which a string cannot import; a test compares the two.
 *
 * Uses `timeOrigin` because the origin of a worker's `performance.now()` (process or thread) depends on the Node
 * version.
 */
const thread = `
const { workerData } = require("node:worker_threads");
const { openSync, writeSync } = require("node:fs");
const { path, base, price, elapsedSeconds, since, bytes, tickMs } = workerData;
const file = openSync(path, "r+");
const tick = () => {
  const passed = performance.timeOrigin + performance.now() - since;
  const session = elapsedSeconds + Math.max(0, passed) / 1000;
  const microUsd = base.microUsd + Math.round((price.microUsdPerHour * session) / 3600);
  const seconds = base.seconds + session;
  const record = { formatVersion: 1, at: new Date().toISOString(), seconds, microUsd, ...price };
  try {
    writeSync(file, JSON.stringify(record).padEnd(bytes - 1) + "\\n", 0);
  } catch {
    // the run's own writes report disk failures
  }
};
tick();
setInterval(tick, tickMs);
`;
/** Memory limits of the thread, in megabytes. It only builds one short text at a time. */
const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4 };

/** Starts the thread; it ends with its process. */
export const startTicks: StartTicks = (order) => {
  const since = performance.timeOrigin + performance.now();
  const priceSource = order.price.priceSource.slice(0, 200);
  const price = { microUsdPerHour: order.price.microUsdPerHour, priceSource };
  const workerData = { ...order, price, since, bytes: tickBytes, tickMs };
  const worker = new Worker(thread, { eval: true, execArgv: [], workerData, resourceLimits });
  worker.on("error", () => undefined); // without ticks, a kill loses more of the ledger and nothing else
  worker.unref();
  return { stop: async () => void (await worker.terminate()) };
};
