/** @file Models as values: those that runs logged, and the names and versions of the registry. */
import type { Point } from "../points/point.ts";
import type { Fact, Stage } from "../tracking/nouns.ts";

/** Whether a logged model's files are all there. */
export type ModelStatus = "unspecified" | "pending" | "ready" | "failed";

/** What a run measured about a model. */
export interface ModelMetric extends Point {
  readonly key: string;
  /** Id of the run. */
  readonly run: string;
  /** Empty where the client named no data. */
  readonly datasetName: string;
  readonly datasetDigest: string;
}

/** A model that a run logged. */
export interface LoggedModel {
  /** Its row in the store. */
  readonly number: number;
  readonly id: string;
  /** Number of the project. */
  readonly project: number;
  readonly name: string;
  /** The client's word for what it is; may be empty. */
  readonly kind: string;
  readonly status: ModelStatus;
  readonly stage: Stage;
  /** Id of a run, as the client says. */
  readonly sourceRun: string | null;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly Fact[];
  readonly params: readonly Fact[];
  readonly metrics: readonly ModelMetric[];
}

/** Where a version stands. */
export type VersionStage = "None" | "Staging" | "Production" | "Archived";

/** A version of a registered model. */
export interface ModelVersion {
  /** Its row in the store. */
  readonly number: number;
  /** The registered model's name. */
  readonly name: string;
  readonly version: number;
  readonly stage: VersionStage;
  readonly description: string | null;
  /** As the client named it. */
  readonly source: string;
  /** Where its files lie on this server. */
  readonly address: string;
  /** Id of a run. */
  readonly run: string | null;
  readonly runLink: string | null;
  /** Id of a logged model. */
  readonly loggedModel: string | null;
  readonly person: string;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly Fact[];
  readonly aliases: readonly string[];
}

/** A name in the registry. */
export interface RegisteredModel {
  /** Its row in the store. */
  readonly number: number;
  readonly name: string;
  readonly description: string | null;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly Fact[];
  readonly aliases: readonly { readonly alias: string; readonly version: number }[];
  /** The newest one of each stage. */
  readonly latest: readonly ModelVersion[];
}
