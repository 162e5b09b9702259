/**
 * @file Attaches this process to a run. Takes the run's lock, records in the ledger what an earlier process left out,
 * and starts the on-disk meter. The meter then also covers reading, checking and tokenizing.
 */
import { randomUUID } from "node:crypto";
import { type Seconds, type Usd, usd } from "@tunewise/core/quantity";
import {
  type JournaledStore,
  openRuns,
  type RunFolder,
  removeDrafts,
  removeLockDrafts,
  takeLock,
} from "@tunewise/tracker";
import { workerEnd } from "../../executors/index.ts";
import {
  bookTick,
  machineSpend,
  type Runtime,
  type Tick,
  type Ticks,
  tickLockPath,
  tickPath,
  writeFirstTick,
} from "../../runtime/index.ts";

/** The run to attach to, and the price of machine time. */
export interface AttachRequest {
  readonly runId: string;
  readonly output: string;
  readonly folder: RunFolder;
  readonly machine: { readonly usdPerHour: number; readonly source: string };
  /** When metering began, in seconds of the machine's clock. */
  readonly meteredSince: number;
}

/** A run attached to this process. */
export interface Attached {
  /** In seconds of the machine's clock. */
  readonly meteredSince: number;
  /** Whether this process still holds the lock. */
  isHeld(): Promise<boolean>;
  /** Stops the on-disk meter and writes the session's final values to it. */
  freeze(session: { readonly duration: Seconds; readonly spent: Usd }): Promise<void>;
  /** Records the last tick in the ledger. After an orderly end there is nothing left to record. */
  settle(store: JournaledStore): Promise<void>;
  /** Releases the lock. */
  release(): Promise<void>;
}

/**
 * Attaches to a run.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if another process is attached to it
 */
export async function attach(request: AttachRequest, runtime: Runtime): Promise<Attached> {
  const { runId, folder, output, machine, meteredSince } = request;
  const lock = await takeLock(folder.lock, runtime.processes, runtime.now(), randomUUID());
  const release = (): Promise<void> => lock.release();
  try {
    await removeDrafts(folder);
    for (const path of [folder.lock, tickLockPath(folder)]) await removeLockDrafts(path, runtime.processes);
    const base = await settleEarlier(runId, folder, output, runtime);
    const price = { microUsdPerHour: usd(machine.usdPerHour), priceSource: machine.source };
    const at = (): string => runtime.now().toISOString();
    const first: Tick = { formatVersion: 1, at: at(), ...base, ...price };
    const path = tickPath(folder);
    let ticks: Ticks | null = null;
    if (runtime.startTicks && (await writeFirstTick(path, first))) {
      const elapsedSeconds = runtime.elapsedSeconds() - meteredSince;
      ticks = runtime.startTicks({ path, base, price, elapsedSeconds });
    }
    const stop = async (): Promise<boolean> => {
      const hadTicks = ticks !== null;
      await ticks?.stop();
      ticks = null;
      return hadTicks;
    };
    return {
      meteredSince,
      isHeld: () => lock.isHeld(),
      freeze: async ({ duration, spent }) => {
        if (!(await stop())) return;
        const [seconds, microUsd] = [base.seconds + duration, base.microUsd + spent];
        await writeFirstTick(path, { formatVersion: 1, at: at(), seconds, microUsd, ...price });
      },
      settle: async (store) => {
        await stop();
        await bookTick(store, runId, folder, runtime.processes, runtime.now());
      },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Records an earlier process's last tick and returns the totals of the ledger. */
async function settleEarlier(
  runId: string,
  folder: RunFolder,
  output: string,
  runtime: Runtime,
): Promise<{ readonly seconds: number; readonly microUsd: number }> {
  const workedUntil = await workerEnd(folder.path, runtime);
  const store = await openRuns(output);
  try {
    await bookTick(store, runId, folder, runtime.processes, runtime.now(), workedUntil);
    return await machineSpend(store, runId);
  } finally {
    await store.close();
  }
}
