/** @file The store as a tracker: runs of any client, budgets, access, imports and exports. */

export { type AccessRequest, listAudit } from "./access/open-access.ts";
export {
  addPerson,
  changePersonPassword,
  changePersonRole,
  type ListedUser,
  listPeople,
  removePerson,
} from "./access/people.ts";
export { createRefusalLog, type RefusedRequest } from "./access/refusal-log.ts";
export { changeMemberDefault, grantRole, listRoles, type ProjectRoles, revokeRole } from "./access/roles.ts";
export { dropToken, listAllTokens, makeToken } from "./access/tokens.ts";
export { admitRun, beginTrackedRun } from "./admission/admit-run.ts";
export { writeAdmission } from "./admission/note-refusal.ts";
export { createAlertSender, webhookVariable } from "./alert-webhook.ts";
export { listRunsAtWork, type RunAtWork } from "./alive-runs.ts";
export { dropSharedBudget, listBudgets, setSharedBudget } from "./budgets.ts";
export { changeRuns, type RunChange } from "./change-runs.ts";
export { chargeMachine } from "./charge-machine.ts";
export { type ChargeRequest, chargeRun, chargeTracked } from "./charge-run.ts";
export { type CostReport, reportCosts } from "./cost-report.ts";
export { createDailyCosts, type ReadDailyCosts } from "./daily-costs.ts";
export { endClientRun } from "./end-client-run.ts";
export { createKeptAnswers } from "./kept-answers.ts";
export { reportEnd, reportEndedLaunches, reportOf, settleLaunches } from "./launches/reconcile-launches.ts";
export { remoteLaunchRegistry } from "./launches/remote-registry.ts";
export {
  type AcceptedLaunch,
  defaultLaunchProject,
  type LaunchRegistry,
  type LaunchReport,
  type LaunchRequest,
  storeLaunchRegistry,
} from "./launches/store-registry.ts";
export {
  type ListedRun,
  type ListedTrials,
  listedRun,
  listRuns,
  listTrials,
  missingRuns,
} from "./list-runs.ts";
export { priceOf, settleRun, settleRuns, startSettling } from "./metering.ts";
export { type MonthStanding, readMonth } from "./month-standing.ts";
export { type ExportReport, exportHistories, type HistoryExport } from "./move/export-histories.ts";
export { type ImportOptions, importHistory } from "./move/import-history.ts";
export type { ImportReport } from "./move/import-report.ts";
export { importWandb } from "./move/import-wandb.ts";
export { openMlflowSource, openRest } from "./move/open-mlflow-source.ts";
export {
  type BudgetOutlook,
  type CostOutlook,
  forecastCosts,
  type PeriodForecast,
} from "./outlook.ts";
export { type PurgeReport, purgeStore } from "./purge-store.ts";
export { type LoopRequest, type RecordedLoop, recordLoop } from "./record-loop.ts";
export { moveRuns, requestRunStop } from "./run-reference.ts";
export { setRunStage } from "./run-stage.ts";
export { showTrackedRun, type TrackedDetails } from "./show-tracked.ts";
export { reportSpending, type SpendGroup, type Spending, spendingDayMs } from "./spending.ts";
export { type BackedUp, backUpStore, restoreStore } from "./store-archive.ts";
export {
  type Committed,
  openTrackingContext,
  type TrackingContext,
  type TrackingPaths,
} from "./tracking-context.ts";
