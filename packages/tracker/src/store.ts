/** @file The port to the record of runs. Drivers live in their own folders; nothing else knows SQL. */
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

/** How one arm did on the test rows by one metric. */
export interface ScoreEntry {
  readonly runId: string;
  /** `base`, `tuned` ... */
  readonly arm: string;
  readonly metric: string;
  readonly value: number;
  /** Bounds of the 95 % interval, `null` where none was computed. */
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
}

/** One line of the ledger: what a stretch of work cost. Lines are only ever added, those of kind `reserved` aside. */
export interface SpendEntry {
  readonly runId: string;
  /** ISO instant. */
  readonly time: string;
  /** `train`, `evaluate`, `generate` ... */
  readonly kind: string;
  readonly spent: Usd;
  readonly duration: Seconds;
  readonly priceUsdPerHour: Usd;
  /** Where the price comes from, with its date. */
  readonly priceSource: string;
}

/** Sums over the ledger of a run. */
export interface TotalSpend {
  readonly spent: Usd;
  readonly duration: Seconds;
  /** Of `spent`, what is not this machine's time: tokens of APIs, and what is set aside for them. */
  readonly charged: Usd;
}

/** What may change about a run after its start. */
export type RunChange = Partial<
  Pick<
    Run,
    "status" | "endedAt" | "wallSeconds" | "spentMicroUsd" | "summary" | "versions" | "dataFingerprint"
  >
> & {
  /** Why it ended before its last step; without one, the cause in its summary, or with which it was asked to stop. */
  readonly stoppedBy?: StopCause;
};

/** Facts written together: all of them are in the store afterwards, or none. */
export interface RecordBatch {
  readonly run?: { readonly id: string; readonly change: RunChange };
  readonly metrics?: readonly Metric[];
  /** Metrics that events stand for are written with them. */
  readonly events?: { readonly runId: string; readonly items: readonly RunEvent[] };
  /** A path recorded before is replaced. */
  readonly artifacts?: readonly Artifact[];
  /** An arm's score by a metric recorded before is replaced. */
  readonly scores?: readonly ScoreEntry[];
  readonly spend?: readonly SpendEntry[];
  /** A tag set before is replaced. */
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
  /** Projects to look at; default: all. */
  readonly among?: ProjectsAmong | null;
}

/** What a run is known again by. */
export interface Claim {
  /** Of all that determines its result. */
  readonly fingerprint: string;
  /** The same without what is only chance. */
  readonly family: string;
  /** Why it shall run although the same ran before; `null`: then it shall not. */
  readonly forced: string | null;
  /** Ids of runs that say "running" and have ended without a word. */
  readonly dead: readonly string[];
}

/** What others have decided about a run. */
export interface Standing {
  readonly budgets: readonly BudgetStanding[];
  /** `null`: it may go on. */
  readonly stop: StopRequest | null;
}

/** The record of runs. All methods may throw `STORE_BUSY`, `STORE_FULL` and `STORE_WRITE_FAILED` or `STORE_UNREADABLE`. */
export interface Store {
  /**
   * Adds a run, unless the same is running or completed; of two that come at once one is added.
   *
   * @param outer the command of `tunewise exec` that it runs in; ignored where the store knows no such command at work
   * @returns the run that stands in the way; `null`: added
   * @throws {TunewiseError} `RUN_EXISTS` if its id is taken
   */
  createRun(run: NewRun, claim?: Claim, outer?: OuterLaunch | null): Promise<Run | null>;
  /** Notes down that a run was refused as a duplicate; the same one once a day. */
  noteRefusal(refusal: NewRefusal): Promise<void>;
  /**
   * What stands outside a run: budgets that runs of its project are paid from, and the wish that it stops.
   *
   * @param runId `null` for one that has not begun
   */
  standing(project: string, runId: string | null, nowMs: number): Promise<Standing>;
  /**
   * Writes a batch in one transaction.
   *
   * @throws {TunewiseError} `RUN_NOT_FOUND` if a fact belongs to no run
   */
  record(batch: RecordBatch): Promise<void>;
  /** Changes a run that says "running" and whose process is gone; one that has gone on meanwhile stays as it is. */
  settle(runId: string, change: RunChange): Promise<void>;
  /** Newest first. */
  listRuns(query?: RunQuery): Promise<Run[]>;
  /**
   * The run with this id, or the only one whose id starts so.
   *
   * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
   */
  findRun(idOrBeginning: string): Promise<Run>;
  /** Keys of the metrics a run has, sorted. */
  metricKeys(runId: string): Promise<string[]>;
  /** How many points of metrics a run has. */
  pointCount(runId: string): Promise<number>;
  /** One value per step, by step: where a resumed run went over a step again, the value written last. */
  metricHistory(runId: string, key: string): Promise<Metric[]>;
  /** What is said about a run in words. */
  tags(runId: string): Promise<Readonly<Record<string, string>>>;
  /** In the order written. */
  events(runId: string): Promise<RunEvent[]>;
  /** By path. */
  artifacts(runId: string): Promise<Artifact[]>;
  /** By metric, then arm. */
  scores(runId: string): Promise<ScoreEntry[]>;
  /** In the order written. */
  spend(runId: string): Promise<SpendEntry[]>;
  /** Sums over the ledger of a run, all its sessions: what a restart must remember. */
  totalSpend(runId: string): Promise<TotalSpend>;
  /** Brings what is written into the store's own file, where it lies beside it first; never waits for anybody. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
