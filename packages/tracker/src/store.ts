/** @file The interface of the store of runs. Drivers are in folders of their own; no other code contains SQL. */
import type { Bytes, Seconds, Usd } from "@tunewise/core/quantity";
import type { Metric, NewRun, Run, RunEvent, RunStatus, StopCause } from "@tunewise/core/run";
import type { BudgetStanding } from "./ledger/budgets.ts";
import type { OuterLaunch } from "./ledger/nested-launches.ts";
import type { NewRefusal } from "./ledger/refusals.ts";
import type { ProjectsAmong } from "./ledger/spend.ts";
import type { StopRequest } from "./tracking/stop.ts";

/** A file a run produced. */
export interface Artifact {
  readonly runId: string;
  /** Relative to the run folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Bytes;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Result of an arm on the test rows, by one metric. */
export interface ScoreEntry {
  readonly runId: string;
  /** `base`, `tuned` ... */
  readonly arm: string;
  readonly metric: string;
  readonly value: number;
  /** Bounds of the 95 % interval, `null` if none was computed. */
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
}

/** An entry of the ledger: the cost of a stretch of work. Entries are append-only, except those of kind `reserved`. */
export interface SpendEntry {
  readonly runId: string;
  /** ISO time. */
  readonly time: string;
  /** `train`, `evaluate`, `generate` ... */
  readonly kind: string;
  readonly spent: Usd;
  readonly duration: Seconds;
  readonly priceUsdPerHour: Usd;
  /** Source of the price, with its date. */
  readonly priceSource: string;
}

/** Totals over the ledger of a run. */
export interface TotalSpend {
  readonly spent: Usd;
  readonly duration: Seconds;
  /** The part of `spent` that is not machine time: charges such as tokens of APIs, and reservations. */
  readonly charged: Usd;
}

/** Changes of a run after its start. */
export type RunChange = Partial<
  Pick<
    Run,
    "status" | "endedAt" | "wallSeconds" | "spentMicroUsd" | "summary" | "versions" | "dataFingerprint"
  >
> & {
  /** Why it ended before its last step. Default: the cause in its summary, or the cause of the stop request. */
  readonly stoppedBy?: StopCause;
};

/** Records that are written together, all or none. */
export interface RecordBatch {
  readonly run?: { readonly id: string; readonly change: RunChange };
  readonly metrics?: readonly Metric[];
  /** The metrics derived from events are written too. */
  readonly events?: { readonly runId: string; readonly items: readonly RunEvent[] };
  /** Replaces an artifact with the same path. */
  readonly artifacts?: readonly Artifact[];
  /** Replaces a score of the same arm and metric. */
  readonly scores?: readonly ScoreEntry[];
  readonly spend?: readonly SpendEntry[];
  /** Replaces a tag with the same key. */
  readonly tags?: readonly TagEntry[];
}

/** A tag of a run. */
export interface TagEntry {
  readonly runId: string;
  readonly key: string;
  readonly value: string;
}

/** Which runs to list. */
export interface RunQuery {
  readonly status?: RunStatus;
  readonly name?: string;
  readonly dataFingerprint?: string;
  /** Default 100. */
  readonly limit?: number;
  /** Projects to include; default: all. */
  readonly among?: ProjectsAmong | null;
}

/** Fingerprints that identify duplicates of a run. */
export interface Claim {
  /** Of everything that determines the result. */
  readonly fingerprint: string;
  /** The same without what only adds randomness, such as the seed. */
  readonly family: string;
  /** Reason for running despite an earlier identical run; `null`: refuse in that case. */
  readonly forced: string | null;
  /** Ids of runs with the status running whose processes have ended. */
  readonly dead: readonly string[];
}

/** External decisions that affect a run. */
export interface Standing {
  readonly budgets: readonly BudgetStanding[];
  /** `null`: no request to stop. */
  readonly stop: StopRequest | null;
}

/**
 * The store of runs. All methods may throw `STORE_BUSY`, `STORE_FULL` and `STORE_WRITE_FAILED` or `STORE_UNREADABLE`.
 */
export interface Store {
  /**
   * Adds a run, unless an identical one is running or completed. Of two concurrent calls, only one succeeds.
   *
   * @param outer the `tunewise exec` command that contains the run; ignored if the store has no such running command
   * @returns the conflicting run; `null`: added
   * @throws {TunewiseError} `RUN_EXISTS` if its id is taken
   */
  createRun(run: NewRun, claim?: Claim, outer?: OuterLaunch | null): Promise<Run | null>;
  /** Records that a run was refused as a duplicate, once a day for the same refusal. */
  noteRefusal(refusal: NewRefusal): Promise<void>;
  /**
   * External decisions that affect a run: the budgets of its project, and a request to stop.
   *
   * @param runId `null` for a run that has not started
   */
  standing(project: string, runId: string | null, nowMs: number): Promise<Standing>;
  /**
   * Writes a batch in one transaction.
   *
   * @throws {TunewiseError} `RUN_NOT_FOUND` if a record's run does not exist
   */
  record(batch: RecordBatch): Promise<void>;
  /**
   * Changes a run that has the status running although its process has ended. Does nothing if its status has changed
   * meanwhile.
   */
  settle(runId: string, change: RunChange): Promise<void>;
  /** Newest first. */
  listRuns(query?: RunQuery): Promise<Run[]>;
  /**
   * The run with this id, or the only one whose id starts with it, or the only one with this name.
   *
   * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
   */
  findRun(idOrBeginning: string): Promise<Run>;
  /** Metric keys of a run, sorted. */
  metricKeys(runId: string): Promise<string[]>;
  /** Number of metric points of a run. */
  pointCount(runId: string): Promise<number>;
  /** One value per step, ordered by step. For a step that a resumed run repeated, this is the value written last. */
  metricHistory(runId: string, key: string): Promise<Metric[]>;
  /** Tags of a run. */
  tags(runId: string): Promise<Readonly<Record<string, string>>>;
  /** In the order written. */
  events(runId: string): Promise<RunEvent[]>;
  /** By path. */
  artifacts(runId: string): Promise<Artifact[]>;
  /** By metric, then arm. */
  scores(runId: string): Promise<ScoreEntry[]>;
  /** In the order written. */
  spend(runId: string): Promise<SpendEntry[]>;
  /** Totals over the ledger of a run and all its sessions, from which a restarted run continues. */
  totalSpend(runId: string): Promise<TotalSpend>;
  /**
   * Moves committed changes into the store's own file, if they are stored beside it at first. Never waits for a lock.
   */
  flush(): Promise<void>;
  close(): Promise<void>;
}
