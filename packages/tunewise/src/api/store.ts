/** @file Read access to the store of runs, in dollars and without SQL. */
import type { Metric, Run as RunHere, RunStatus, RunEvent as StoredEvent } from "@tunewise/core/run";
import { type Artifact, openStore as open, type ScoreEntry, type Store } from "@tunewise/tracker";
import { type InDollars, toDollars } from "./dollars.ts";

/**
 * One execution of a recipe, as stored.
 *
 * @example
 * import { openStore, type Run, storePath } from "tunewise/track";
 *
 * const costOf = ({ spentUsd, wallSeconds }: Run): string => `$${spentUsd} in ${wallSeconds} s`;
 * const store = await openStore(storePath(".tunewise"));
 * const runs = await store.listRuns({ name: "small" });
 * console.log(runs.length > 0, runs.every((run) => costOf(run).startsWith("$0."))); // true true
 * await store.close();
 */
export interface Run extends InDollars<RunHere> {}

/**
 * A numbered event of a run.
 *
 * @example
 * import { openStore, type RunEvent, storePath } from "tunewise/track";
 *
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ limit: 1 });
 * const events: RunEvent[] = newest ? await store.events(newest.id) : [];
 * console.log(events[0]?.seq, events[0]?.kind); // 1 run-start
 * await store.close();
 */
export type RunEvent = InDollars<StoredEvent>;

/** Which runs to list. */
export interface RunFilter {
  readonly status?: RunStatus;
  readonly name?: string;
  readonly dataFingerprint?: string;
  /** Default 100. */
  readonly limit?: number;
}

/** A file that a run produced. */
export interface RunArtifact extends InDollars<Artifact> {}

/** A score of a run, by one metric. */
export interface RunScore extends ScoreEntry {}

/** A line of the ledger: what a stretch of work cost. */
export interface SpendLine {
  readonly runId: string;
  /** ISO time. */
  readonly time: string;
  /** `train`, `evaluate`, `generate` ... */
  readonly kind: string;
  readonly usd: number;
  readonly seconds: number;
  readonly usdPerHour: number;
  /** Source of the price, with its date. */
  readonly priceSource: string;
}

/** What a run cost. */
export interface RunCost {
  readonly usd: number;
  readonly seconds: number;
  /** The part of `usd` that is not machine time, such as tokens of APIs. */
  readonly chargedUsd: number;
}

/**
 * Read access to the store. All methods may throw `STORE_BUSY` or `STORE_UNREADABLE`.
 *
 * @example
 * import { openStore, type RunStore, storePath } from "tunewise/track";
 *
 * const costOf = async (store: RunStore, run: string): Promise<number> => (await store.totalSpend(run)).usd;
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ limit: 1 });
 * console.log(newest && (await costOf(store, newest.id)) === newest.spentUsd); // true
 * await store.close();
 */
export interface RunStore {
  /** Newest first. */
  listRuns(filter?: RunFilter): Promise<Run[]>;
  /**
   * The run with this id, or the only one whose id starts with it, or the only one with this name.
   *
   * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
   */
  findRun(idOrBeginning: string): Promise<Run>;
  /** Metric keys of a run, sorted. */
  metricKeys(runId: string): Promise<string[]>;
  /** One value per step, ordered by step. For a step that a resumed run repeated, this is the value written last. */
  metricHistory(runId: string, key: string): Promise<Metric[]>;
  tags(runId: string): Promise<Readonly<Record<string, string>>>;
  /** In the order written. */
  events(runId: string): Promise<RunEvent[]>;
  /** By path. */
  artifacts(runId: string): Promise<RunArtifact[]>;
  /** By metric, then arm. */
  scores(runId: string): Promise<RunScore[]>;
  /** Lines of the ledger, in the order written. */
  spend(runId: string): Promise<SpendLine[]>;
  /** Totals over the ledger of a run and all its sessions. */
  totalSpend(runId: string): Promise<RunCost>;
  close(): Promise<void>;
}

/**
 * Opens a store of runs, and creates it if it does not exist. Close it to release the file or the connections.
 *
 * @param place path of a SQLite file, or `postgres://user:password@host:port/name`
 * @throws {TunewiseError} `STORE_UNREADABLE`, `STORE_BUSY`, `STORE_DRIVER_MISSING`
 * @example
 * import { openStore, storePath } from "tunewise/track";
 *
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ status: "completed", limit: 1 });
 * if (newest) {
 *   const losses = await store.metricHistory(newest.id, "train/loss");
 *   console.log(newest.name, losses.length); // small 8
 * }
 * await store.close();
 */
export async function openStore(place: string): Promise<RunStore> {
  return readOnly(await open(place));
}

function readOnly(store: Store): RunStore {
  return {
    listRuns: async ({ status, name, dataFingerprint, limit } = {}) => {
      const query = {
        ...(status && { status }),
        ...(name !== undefined && { name }),
        ...(dataFingerprint !== undefined && { dataFingerprint }),
        ...(limit !== undefined && { limit }),
      };
      return (await store.listRuns(query)).map(runOf);
    },
    findRun: async (id) => runOf(await store.findRun(id)),
    metricKeys: (id) => store.metricKeys(id),
    metricHistory: (id, key) => store.metricHistory(id, key),
    tags: (id) => store.tags(id),
    events: async (id) => (await store.events(id)).map((event) => toDollars(event, "EventBody")),
    artifacts: (id) => store.artifacts(id),
    scores: (id) => store.scores(id),
    spend: async (id) =>
      (await store.spend(id)).map(({ spent, duration, priceUsdPerHour, ...line }) => ({
        ...line,
        usd: spent / 1e6,
        seconds: duration,
        usdPerHour: priceUsdPerHour / 1e6,
      })),
    totalSpend: async (id) => {
      const { spent, duration, charged } = await store.totalSpend(id);
      return { usd: spent / 1e6, seconds: duration, chargedUsd: charged / 1e6 };
    },
    close: () => store.close(),
  };
}

function runOf(run: RunHere): Run {
  return toDollars(run, "Run");
}
