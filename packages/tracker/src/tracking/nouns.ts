/** @file What any client's runs are made of, as values. Times are milliseconds since 1970. */
import type { RunKind, StopCause } from "@tunewise/core/run";
import type { Point } from "../points/point.ts";

/** Whether something counts; what is deleted can come back. */
export type Stage = "active" | "deleted";

/** What runs belong to: MLflow's experiment, W&B's project. */
export interface Project {
  readonly number: number;
  readonly name: string;
  readonly stage: Stage;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Where artifacts of its runs lie, if not in the server's own place. */
  readonly artifactRoot: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** How a run of any client stands. */
export type TrackedStatus =
  | "scheduled"
  | "running"
  | "completed"
  | "stopped"
  | "interrupted"
  | "killed"
  | "crashed"
  | "failed";

/** Who logs a run. */
export type ClientKind = "tunewise" | "mlflow" | "wandb" | "exec" | "api";

/** Whether a run is part of a search, or makes what is used. */
export type Purpose = "experiment" | "production";

/** A run of any client, without what it logged. */
export interface TrackedRun {
  /** Its row in the store. */
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
  /** When it last logged something. */
  readonly seenMs: number;
  readonly deletedMs: number | null;
  /** Of everything that determines the result; `null` where the client did not say enough. */
  readonly fingerprint: string | null;
  /** The same without what only adds noise, such as the seed. */
  readonly family: string | null;
  readonly spentMicroUsd: number;
  /** Seconds of the ledger. */
  readonly wallSeconds: number;
  /** Number of the run of `tunewise exec` that started it. */
  readonly launchedBy: number | null;
  /** When it was asked to stop. */
  readonly stopMs: number | null;
  readonly kind: RunKind;
  /** Why it ended before its last step, or is to; `null`: it was not stopped, or the cause is unknown. */
  readonly stoppedBy: StopCause | null;
  /** Number of the earlier run with the same parameters, data and code; `null`: none is known. */
  readonly repeats: number | null;
}

/** A word and what it says. */
export interface Fact {
  readonly key: string;
  readonly value: string;
}

/** A run to be added. */
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
  readonly tags: readonly Fact[];
  readonly launchedBy?: number | null;
};

/** What may change about a run. */
export type TrackedChange = Partial<
  Pick<
    TrackedRun,
    "name" | "status" | "endedMs" | "stage" | "deletedMs" | "person" | "purpose" | "fingerprint" | "family"
  >
> & {
  /** With a status: why it ended; without one, the cause with which it was asked to stop remains. */
  readonly stoppedBy?: StopCause | null;
};

/** What a client logs at once. */
export interface LogBatch {
  readonly metrics: readonly (Point & { readonly key: string })[];
  readonly params: readonly Fact[];
  readonly tags: readonly Fact[];
}
