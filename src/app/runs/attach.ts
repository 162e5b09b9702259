/**
 * @file A process takes a run: its lock is held, what an earlier one left out of the ledger comes in, and the meter
 * ticks to the disk from here on, through reading, checking and tokenizing.
 */
import { randomUUID } from "node:crypto";
import { type Seconds, type Usd, usd } from "../../quantity/index.ts";
import {
  bookTick,
  type Host,
  machineSpend,
  type Tick,
  type Ticks,
  tickLockPath,
  tickPath,
  writeFirstTick,
} from "../../runtime/index.ts";
import {
  type JournaledStore,
  openRuns,
  type RunFolder,
  removeDrafts,
  removeLockDrafts,
  takeLock,
} from "../../track/index.ts";

/** Which run to take, and what its time costs. */
export interface AttachRequest {
  readonly runId: string;
  readonly output: string;
  readonly folder: RunFolder;
  readonly machine: { readonly usdPerHour: number; readonly source: string };
  /** When metering began, in seconds of the host. */
  readonly meteredSince: number;
}

/** A run that this process works on. */
export interface Attached {
  /** In seconds of the host. */
  readonly meteredSince: number;
  /** Whether the run's folder is still the one that was taken. */
  isHeld(): Promise<boolean>;
  /** The meter stands: nothing ticks any more, and the file says what the meter does. */
  standStill(session: { readonly duration: Seconds; readonly spent: Usd }): Promise<void>;
  /** Brings the last tick into the ledger, where a session that ended in order left nothing. */
  settle(store: JournaledStore): Promise<void>;
  /** Lets others have the run. */
  release(): Promise<void>;
}

/**
 * Takes a run.
 *
 * @throws {TunewiseError} `RUN_LOCKED` where another process works on it
 */
export async function attach(request: AttachRequest, host: Host): Promise<Attached> {
  const { runId, folder, output, machine, meteredSince } = request;
  const lock = await takeLock(folder.lock, host.processes, host.now(), randomUUID());
  const release = (): Promise<void> => lock.release();
  try {
    await removeDrafts(folder);
    for (const path of [folder.lock, tickLockPath(folder)]) await removeLockDrafts(path, host.processes);
    const base = await bookEarlier(runId, folder, output, host);
    const price = { microUsdPerHour: usd(machine.usdPerHour), priceSource: machine.source };
    const at = (): string => host.now().toISOString();
    const first: Tick = { formatVersion: 1, at: at(), ...base, ...price };
    const path = tickPath(folder);
    let ticks: Ticks | null = null;
    if (host.startTicks && (await writeFirstTick(path, first))) {
      const elapsedSeconds = host.elapsedSeconds() - meteredSince;
      ticks = host.startTicks({ path, base, price, elapsedSeconds });
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
      standStill: async ({ duration, spent }) => {
        if (!(await stop())) return;
        const [seconds, microUsd] = [base.seconds + duration, base.microUsd + spent];
        await writeFirstTick(path, { formatVersion: 1, at: at(), seconds, microUsd, ...price });
      },
      settle: async (store) => {
        await stop();
        await bookTick(store, runId, folder, host.processes, host.now());
      },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What the ledger holds once an earlier process's last tick is in it. */
async function bookEarlier(
  runId: string,
  folder: RunFolder,
  output: string,
  { processes, now }: Host,
): Promise<{ readonly seconds: number; readonly microUsd: number }> {
  const store = await openRuns(output);
  try {
    await bookTick(store, runId, folder, processes, now());
    return await machineSpend(store, runId);
  } finally {
    await store.close();
  }
}
