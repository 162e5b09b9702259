/**
 * @file The thread that writes a run's ticks. A thread, since the main one reads, tokenizes and computes for longer
 * than a tick without a pause; text, since a thread starts from a file or a text, and this text is all it needs.
 */
import { Worker } from "node:worker_threads";
import { type Tick, tickBytes } from "./tick-file.ts";

/** Milliseconds between two ticks: the most that a kill takes from the ledger. */
export const tickMs = 1_000;

/** What is ticked. */
export interface TickOrder {
  /** A file in which there is room for a tick. */
  readonly path: string;
  /** What the meter stood at when it began to work. */
  readonly base: Pick<Tick, "seconds" | "microUsd">;
  readonly price: Pick<Tick, "microUsdPerHour" | "priceSource">;
  /** Seconds that the session has taken before. */
  readonly elapsedSeconds: number;
}

/** A thread at work. */
export interface Ticks {
  /** Ends it; nothing is written afterwards. */
  stop(): Promise<void>;
}

/** Starts ticks; the first comes at once. */
export type StartTicks = (order: TickOrder) => Ticks;

/** Whether a thread measures from the start of its process or from its own depends on Node: the origin tells. */
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
    // the run's own writing says what is wrong with the disk
  }
};
tick();
setInterval(tick, tickMs);
`;
/** Megabytes that the thread may take: it makes one small text at a time. */
const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4 };

/** Starts the thread; it ends with its process. */
export const startTicks: StartTicks = (order) => {
  const since = performance.timeOrigin + performance.now();
  const priceSource = order.price.priceSource.slice(0, 200);
  const price = { microUsdPerHour: order.price.microUsdPerHour, priceSource };
  const workerData = { ...order, price, since, bytes: tickBytes, tickMs };
  const worker = new Worker(thread, { eval: true, execArgv: [], workerData, resourceLimits });
  worker.on("error", () => undefined); // without ticks a kill costs more of the ledger, and nothing else
  worker.unref();
  return { stop: async () => void (await worker.terminate()) };
};
