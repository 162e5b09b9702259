/** @file Runs, metrics, artifacts, ledger, fingerprints; SQLite embedded, PostgreSQL shared. */
export { artifactKey } from "./artifacts/artifact-key.ts";
export type { ArtifactEntry, ArtifactStore, OpenArtifact } from "./artifacts/artifact-store.ts";
export { folderArtifacts } from "./artifacts/folder-artifacts.ts";
export type { CheckpointEntry } from "./checkpoint-list.ts";
export { listCheckpoints } from "./checkpoint-list.ts";
export * from "./checkpoint-load.ts";
export * from "./checkpoint-save.ts";
export type { Comparator } from "./database/comparison.ts";
export type { Database, Reader, SqlValue, Transaction } from "./database/database.ts";
export * from "./event-log.ts";
export { disk, type FileOperations } from "./file-operations.ts";
export { addSpend, firstOfFingerprints, type RunSpend, type SpendLine, spendByRun } from "./ledger/spend.ts";
export * from "./lock.ts";
export {
  addLoggedModel,
  addLoggedModelParams,
  changeLoggedModel,
  dropLoggedModelTag,
  findLoggedModel,
  putLoggedModelTags,
} from "./models/logged-models.ts";
export { addModelMetrics } from "./models/model-metrics.ts";
export * from "./models/model-search.ts";
export {
  addModelVersion,
  archiveOthers,
  changeModelVersion,
  dropModelVersion,
  dropModelVersionTag,
  findModelVersion,
  putModelVersionTags,
  type VersionChoice,
} from "./models/model-versions.ts";
export type * from "./models/nouns.ts";
export {
  addModelHistory,
  addModelInputs,
  addOutputs,
  type ModelOutput,
  readModelInputs,
  readOutputs,
} from "./models/outputs.ts";
export {
  addRegisteredModel,
  changeRegisteredModel,
  dropModelAlias,
  dropRegisteredModel,
  dropRegisteredModelTag,
  findRegisteredModel,
  putModelAlias,
  putRegisteredModelTags,
} from "./models/registered-models.ts";
export * from "./models/registry-search.ts";
export * from "./open-store.ts";
export { type ChartRequest, readChart, readKeys, readPoints } from "./points/history.ts";
export type { Point } from "./points/point.ts";
export * from "./process-table.ts";
export * from "./run-folder.ts";
export * from "./run-id.ts";
export type * from "./store.ts";
export * from "./tracking/datasets.ts";
export { readDocuments } from "./tracking/documents.ts";
export { readStoreFigures, type StoreFigures } from "./tracking/figures.ts";
export { logBatch } from "./tracking/log-batch.ts";
export type * from "./tracking/nouns.ts";
export * from "./tracking/project-search.ts";
export * from "./tracking/project-stage.ts";
export * from "./tracking/projects.ts";
export * from "./tracking/run-search.ts";
export { addTrackedRun, changeTrackedRun, findTrackedRun, touchRun } from "./tracking/runs.ts";
export * from "./tracking/tags.ts";
export { createWriter, type Write } from "./tracking/writer.ts";
export * from "./wandb/artifact.ts";
export { keepConfig, keepSummary } from "./wandb/config.ts";
export { readLooseJson } from "./wandb/loose-json.ts";
export { keepServerSecret } from "./wandb/server-secret.ts";
export { isStopRequested, requestStop } from "./wandb/stop.ts";
export { type Lines, type StreamPart, writeStream } from "./wandb/stream.ts";
export * from "./wandb/wandb-run.ts";
export { readWandbFile, type WandbFilePart } from "./wandb-file/read-wandb-file.ts";
export * from "./whole-file.ts";
