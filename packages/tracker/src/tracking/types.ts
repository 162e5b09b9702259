/** @file Runs of any client and their parts, as values. Times are milliseconds since 1970. */
import type { RunKind, StopCause } from "@tunewise/core/run";
import type { Point } from "../points/point.ts";

/** Lifecycle stage; deleted items can be restored. */
export type Stage = "active" | "deleted";

/** What runs belong to: an experiment in MLflow, a project in W&B. */
export interface Project {
  readonly number: number;
  readonly name: string;
  readonly stage: Stage;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Where its runs' artifacts are stored, if not in the server's default location. */
  readonly artifactRoot: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Status of a run of any client. */
export type TrackedStatus =
  | "scheduled"
  | "running"
  | "completed"
  | "stopped"
  | "interrupted"
  | "killed"
  | "crashed"
  | "failed";

/** The client that logs a run. */
export type ClientKind = "tunewise" | "mlflow" | "wandb" | "exec" | "api";

/** Whether a run is an experiment or produces a model for production. */
export type Purpose = "experiment" | "production";

/** A run of any client, without its logged data. */
export interface TrackedRun {
  /** Number of its row in the store. */
  readonly number: number;
  readonly id: string;
  readonly project: number;
  readonly name: string;
  readonly status: TrackedStatus;
  readonly stage: Stage;
  readonly client: ClientKind;
  readonly person: string;
  readonly purpose: Purpose;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** Time of last activity. */
  readonly seenMs: number;
  readonly deletedMs: number | null;
  /** Fingerprint of everything that determines the result; `null` if the client did not provide enough. */
  readonly fingerprint: string | null;
  /** The same without what only adds randomness, such as the seed. */
  readonly family: string | null;
  readonly spentMicroUsd: number;
  /** Seconds in the ledger. */
  readonly wallSeconds: number;
  /** Number of the `tunewise exec` run that started it. */
  readonly launchedBy: number | null;
  /** Time of the request to stop. */
  readonly stopMs: number | null;
  readonly kind: RunKind;
  /** Why it ended before its last step, or was asked to; `null`: it was not stopped, or the cause is unknown. */
  readonly stoppedBy: StopCause | null;
  /** Number of the earlier run with the same parameters, data and code; `null`: none known. */
  readonly repeats: number | null;
}

/** A key and its value. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** A run to add. */
export type NewRun = Omit<
  TrackedRun,
  | "number"
  | "stage"
  | "seenMs"
  | "deletedMs"
  | "spentMicroUsd"
  | "wallSeconds"
  | "endedMs"
  | "launchedBy"
  | "stopMs"
  | "kind"
  | "stoppedBy"
  | "repeats"
> & {
  readonly tags: readonly KeyValue[];
  readonly launchedBy?: number | null;
};

/** Changes of a run. */
export type TrackedChange = Partial<
  Pick<
    TrackedRun,
    "name" | "status" | "endedMs" | "stage" | "deletedMs" | "person" | "purpose" | "fingerprint" | "family"
  >
> & {
  /** With a status: why it ended. By default the cause of the stop request remains. */
  readonly stoppedBy?: StopCause | null;
};

/** A batch of data logged by a client. */
export interface LogBatch {
  readonly metrics: readonly (Point & { readonly key: string })[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}
