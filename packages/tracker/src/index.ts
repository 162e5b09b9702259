/** @file Runs, metrics, artifacts, ledger, fingerprints; SQLite embedded, PostgreSQL shared. */

export * from "./access/audit.ts";
export * from "./access/grants.ts";
export { type AccessRequest, listAudit, type SecretHost } from "./access/open-access.ts";
export * from "./access/password.ts";
export {
  addPerson,
  changePersonPassword,
  changePersonRole,
  type ListedUser,
  listPeople,
  removePerson,
} from "./access/people.ts";
export { dropToken, listAllTokens, makeToken } from "./access/person-tokens.ts";
export { createRefusalLog, type RefusedRequest } from "./access/refusal-log.ts";
export { changeMemberDefault, grantRole, listRoles, type ProjectRoles, revokeRole } from "./access/roles.ts";
export * from "./access/tokens.ts";
export * from "./access/types.ts";
export * from "./access/users.ts";
export { admissionTags, admitRun, beginTrackedRun } from "./admission/admit-run.ts";
export { headlineOf } from "./admission/headline.ts";
export { writeAdmission } from "./admission/note-refusal.ts";
export * from "./answers/paid-answers.ts";
export * from "./answers/spending-account.ts";

export type { ArchiveProgress } from "./archive/manifest.ts";

export { type BackedUp, backUpStore, restoreStore } from "./archive/store-archive.ts";

export { type ArtifactStore, artifactKey, type OpenArtifact, plainKey } from "./artifacts/artifact-store.ts";

export type { Environment } from "./artifacts/bucket/bucket-place.ts";
export { folderArtifacts } from "./artifacts/folder-artifacts.ts";
export { runFilesKey, wandbContentKey } from "./artifacts/run-places.ts";
export { type CheckpointChoice, findCheckpoint, type WholeCheckpoint } from "./checkpoint-load.ts";
export type { CheckpointOwner } from "./checkpoint-manifest.ts";
export * from "./checkpoint-save.ts";
export type { Database, Reader, SqlValue, Transaction } from "./database/database.ts";
export * from "./database/foreign-queries.ts";
export { createKeptAnswers } from "./database/kept-answers.ts";
export { revisionOf } from "./database/revision.ts";
export type { Comparator } from "./database/search.ts";
export { type EventLog, eachEvent, openEventLog } from "./event-log.ts";
export { hashOf } from "./file-hash.ts";
export { type BatchEntry, openJournal, readBeginning } from "./journal/journal-file.ts";
export { type JournaledStore, journaledStore } from "./journal/journaled-store.ts";
export { type AliveRun, readAliveRuns } from "./ledger/alive-runs.ts";
export * from "./ledger/budgets.ts";
export { type ChargeRequest, chargeRun, chargeTracked, enforceBudgets } from "./ledger/charge-run.ts";
export * from "./ledger/charges.ts";
export { checkSharedBudgets } from "./ledger/check-budgets.ts";
export { createDailyCosts, type DailyCosts, type ReadDailyCosts } from "./ledger/daily-costs.ts";
export * from "./ledger/daily-spend.ts";
export { dayMs } from "./ledger/day.ts";
export {
  type AcceptedLaunch,
  defaultLaunchProject,
  type LaunchRegistry,
  type LaunchReport,
  type LaunchRequest,
  storeLaunchRegistry,
} from "./ledger/launch-registry.ts";
export * from "./ledger/launches.ts";
export { beginWork, type MachinePrice } from "./ledger/meter-run.ts";
export { priceOf, rateTag, settleRun, settleRuns, startSettling } from "./ledger/metering.ts";

export { type MonthStanding, readMonth } from "./ledger/month-standing.ts";
export type { OuterLaunch } from "./ledger/nested-launches.ts";

export * from "./ledger/refusals.ts";
export { dropSharedBudget, listBudgets, setSharedBudget } from "./ledger/shared-budgets.ts";
export {
  addSpend,
  type ProjectsAmong,
  readSpend,
  readStoreFigures,
  type SpendLine,
  type StoreFigures,
  spendByRun,
} from "./ledger/spend.ts";
export {
  checkRequest,
  noSpending,
  reportSpending,
  type SpendGroup,
  type Spending,
  type SpendRequest,
  spendingDayMs,
} from "./ledger/spending.ts";

export * from "./line-file.ts";
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
export * from "./models/outputs.ts";
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
export type * from "./models/types.ts";
export { type ExportReport, exportHistories, type HistoryExport } from "./move/export-histories.ts";
export * from "./move/history.ts";
export { type ImportOptions, importHistory } from "./move/import-history.ts";
export type { ImportReport } from "./move/import-report.ts";
export { importWandb } from "./move/import-wandb.ts";
export { keepName } from "./move/keep-models.ts";
export { endKeptRun, keepPoints, keepProject, keepRun } from "./move/keep-run.ts";

export type { Rest } from "./move/mlflow/rest.ts";

export {
  beginLiveRun,
  endLiveRun,
  type LiveRun,
  logLivePoints,
  maxLivePoints,
} from "./move/mlflow/server-target.ts";

export { openMlflowSource, openRest } from "./move/open-mlflow-source.ts";
export { chooseRuns, readStoredRuns } from "./move/stored-runs.ts";

export { type WandbLiveRun, WandbRunLog } from "./move/wandb/live-run.ts";

export { type WandbServer, wandbServer } from "./move/wandb/wandb-server.ts";

export { defaultOutput, openNamedStore, withDatabase, withExistingStore } from "./named-store.ts";
export * from "./open-store.ts";
export { drawSeries, readChart } from "./points/chart.ts";
export { readKeys, readLatest, readPoints } from "./points/history.ts";
export type { Point } from "./points/point.ts";
export { pointCount, readSeries, type StoredSeries } from "./points/series.ts";
export * from "./process-table.ts";
export { type Purged, purge } from "./purge/purge.ts";
export { countDeleted } from "./purge/purge-rows.ts";
export { type PurgeReport, purgeStore } from "./purge/purge-store.ts";
export { recordStore } from "./record/record-store.ts";
export { readLastReportedEvent, readReportedEvents } from "./record/reported-events.ts";
export { bestFigures, readScores, readSummary, resultFigures } from "./record/rows.ts";
export { readSummaries } from "./record/summaries.ts";
export { metricsOf } from "./record/write-batch.ts";
export * from "./run-folder.ts";
export type * from "./store.ts";

export { plannedTag, type RunAttribute, type TableColumn, type TableScope } from "./table/column.ts";
export { createCompletion } from "./table/completion.ts";
export type { FilterField, RunComparison, RunExpression } from "./table/expression.ts";
export { createRunTable, type TableCells } from "./table/run-table.ts";
export * from "./traces/assessments.ts";
export {
  searchTraces,
  type TraceColumn,
  type TraceCondition,
  type TraceField,
  type TraceSearch,
} from "./traces/trace-search.ts";
export {
  dropTraceTag,
  endTrace,
  findTrace,
  findTraces,
  linkTraces,
  type NewTrace,
  putTrace,
  putTraceTags,
  removeTraces,
} from "./traces/traces.ts";
export type * from "./traces/types.ts";
export { changeRuns, type RequestedChange } from "./tracking/change-runs.ts";
export * from "./tracking/changes.ts";
export * from "./tracking/datasets.ts";
export { readDocuments } from "./tracking/documents.ts";
export { secondsOfRun } from "./tracking/duration.ts";
export { endClientRun } from "./tracking/end-client-run.ts";
export {
  dropProjectTag,
  dropTag,
  putProjectTags,
  putTags,
  readParams,
  readTags,
  readTagsOf,
} from "./tracking/facts.ts";
export { logBatch, logTo } from "./tracking/log-batch.ts";
export { type OpenMatter, readOpenMatters } from "./tracking/needs-attention.ts";
export * from "./tracking/person.ts";
export * from "./tracking/projects.ts";
export { repeatsTag } from "./tracking/repetition.ts";
export * from "./tracking/run-liveness.ts";
export { latestTraining, requestRunStop, resolveRunId } from "./tracking/run-reference.ts";
export * from "./tracking/run-search.ts";
export { setRunStage } from "./tracking/run-stage.ts";
export {
  addTrackedRun,
  changeTrackedRun,
  findTrackedRun,
  findTrackedRunOrNull,
  openStatuses,
  readAncestors,
  readTrackedRuns,
  touchRun,
} from "./tracking/runs.ts";

export { readStop, requestStop } from "./tracking/stop.ts";
export type * from "./tracking/types.ts";
export * from "./tracking/views.ts";
export { createWriter, type Write } from "./tracking/writer.ts";
export {
  type Committed,
  openTrackingContext,
  type TrackingContext,
  type TrackingPaths,
} from "./tracking-context.ts";
export { createAlertSender, webhookVariable } from "./wandb/alert-webhook.ts";
export { addAlert, type RunAlert, readAlerts, severityFrom } from "./wandb/alerts.ts";
export {
  addArtifact,
  addArtifactFiles,
  addArtifactUse,
  changeArtifact,
  commitArtifact,
  deleteArtifact,
  dropAliases,
  findArtifact,
  findArtifactNamed,
  findArtifactOfClient,
  findArtifactOfDigest,
  findLatestArtifact,
  hasArtifactType,
  listArtifactFiles,
  listRunArtifacts,
  referenceMd5,
  setAliases,
  setFileSizes,
  sumArtifactFiles,
  type WandbArtifact,
  type WandbArtifactFile,
} from "./wandb/artifact.ts";
export * from "./wandb/artifact-list.ts";
export { branchPointIn, forkHistory } from "./wandb/fork.ts";
export * from "./wandb/history-rows.ts";
export { looseJson, looseJsonObject, readLooseJson, readLooseObject } from "./wandb/loose-json.ts";
export { readMetricAxes } from "./wandb/metric-axes.ts";
export { listWandbFiles, wandbFileRoot } from "./wandb/run-files.ts";
export * from "./wandb/run-lines.ts";
export * from "./wandb/run-list.ts";
export { type Lines, type StreamPart, writeStream } from "./wandb/stream.ts";
export { keepSummary, readSummaryValues } from "./wandb/summary.ts";
export {
  addWandbRun,
  defaultEntity,
  findWandbProject,
  findWandbRun,
  keepConfig,
  openWandbProject,
  type WandbPath,
  type WandbRun,
  wandbTags,
} from "./wandb/wandb-run.ts";
export { readWandbFile } from "./wandb-file/read-wandb-file.ts";
