/** @file The store as a tracker: runs of any client, budgets, access, imports and exports. */

export { lookAtAudit } from "./access/look-at-audit.ts";
export type { AccessRequest } from "./access/open-access.ts";
export {
  addPerson,
  changePersonPassword,
  changePersonRole,
  type ListedUser,
  listPeople,
  removePerson,
} from "./access/people.ts";
export { changeMemberDefault, grantRole, listRoles, type ProjectRoles, revokeRole } from "./access/roles.ts";
export { dropToken, listAllTokens, makeToken } from "./access/tokens.ts";
export { admitRun } from "./admission/admit-run.ts";
export { type BackedUp, backUpStore } from "./back-up-store.ts";
export { dropSharedBudget, listBudgets, setSharedBudget } from "./budgets.ts";
export { type ChargeRequest, chargeRun, chargeTracked } from "./charge-run.ts";
export { type Desk, type DeskPlaces, openDesk } from "./desk.ts";
export { catchUp, reportEnd, reportOf } from "./launches/catch-up.ts";
export { defaultLaunchProject, deskRegistrar } from "./launches/launch-desk.ts";
export type { AcceptedLaunch, LaunchReport, LaunchRequest, Registrar } from "./launches/registrar.ts";
export { remoteRegistrar } from "./launches/remote-registrar.ts";
export { settleLaunches } from "./launches/settle-meters.ts";
export { type ListedRun, listRuns } from "./look/list-runs.ts";
export { missingRuns } from "./look/missing-runs.ts";
export { showTrackedRun, type TrackedDetails } from "./look/show-tracked.ts";
export type { Committed } from "./measured-writes.ts";
export { keepSettling, settleRun, settleRuns } from "./metering.ts";
export { type ExportReport, exportHistories, type HistoryExport } from "./move/export-histories.ts";
export { type ImportOptions, importHistory } from "./move/import-history.ts";
export type { ImportReport } from "./move/import-report.ts";
export { importWandb } from "./move/import-wandb.ts";
export { openMlflowSource, openRest } from "./move/open-mlflow-source.ts";
export { restoreStore } from "./restore-store.ts";
export { reportSpending, type SpendGroup, type Spending, sumSpending } from "./spending.ts";
export { askRunToStop } from "./stop-run.ts";
