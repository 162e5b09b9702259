/** @file Models as values: logged models, and registered models with their versions. */
import type { Point } from "../points/point.ts";
import type { KeyValue, Stage } from "../tracking/types.ts";

/** Whether a logged model's files are complete. */
export type ModelStatus = "unspecified" | "pending" | "ready" | "failed";

/** A metric that a run measured on a model. */
export interface ModelMetric extends Point {
  readonly key: string;
  /** Id of the run. */
  readonly run: string;
  /** Empty if the client named no dataset. */
  readonly datasetName: string;
  readonly datasetDigest: string;
}

/** A model that a run logged. */
export interface LoggedModel {
  /** Number of its row in the store. */
  readonly number: number;
  readonly id: string;
  /** Number of the project. */
  readonly project: number;
  readonly name: string;
  /** The client's name for its kind; may be empty. */
  readonly kind: string;
  readonly status: ModelStatus;
  readonly stage: Stage;
  /** Id of a run, as reported by the client. */
  readonly sourceRun: string | null;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly KeyValue[];
  readonly params: readonly KeyValue[];
  readonly metrics: readonly ModelMetric[];
}

/** The stage of a version. */
export type VersionStage = "None" | "Staging" | "Production" | "Archived";

/** A version of a registered model. */
export interface ModelVersion {
  /** Number of its row in the store. */
  readonly number: number;
  /** The registered model's name. */
  readonly name: string;
  readonly version: number;
  readonly stage: VersionStage;
  readonly description: string | null;
  /** As given by the client. */
  readonly source: string;
  /** Where its files are on this server. */
  readonly address: string;
  /** Id of a run. */
  readonly run: string | null;
  readonly runLink: string | null;
  /** Id of a logged model. */
  readonly loggedModel: string | null;
  readonly person: string;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly KeyValue[];
  readonly aliases: readonly string[];
}

/** A registered model. */
export interface RegisteredModel {
  /** Number of its row in the store. */
  readonly number: number;
  readonly name: string;
  readonly description: string | null;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly KeyValue[];
  readonly aliases: readonly { readonly alias: string; readonly version: number }[];
  /** The newest version of each stage. */
  readonly latest: readonly ModelVersion[];
}
