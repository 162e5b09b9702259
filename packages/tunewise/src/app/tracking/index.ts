/** @file What the command line shows of the record: runs, forecasts of cost, meters of commands; and loops of programs. */

export { listRunsAtWork, type RunAtWork } from "./alive-runs.ts";
export { chargeMachine } from "./charge-machine.ts";
export { type CostReport, reportCosts } from "./cost-report.ts";
export { reportEnd, reportEndedLaunches, reportOf, settleLaunches } from "./launches/reconcile-launches.ts";
export { remoteLaunchRegistry } from "./launches/remote-registry.ts";
export {
  type ListedRun,
  type ListedTrials,
  listedRun,
  listRuns,
  listTrials,
  missingRuns,
} from "./list-runs.ts";
export { moveRuns } from "./move-runs.ts";
export {
  type BudgetOutlook,
  type CostOutlook,
  forecastCosts,
  type PeriodForecast,
} from "./outlook.ts";
export { type LoopRequest, type RecordedLoop, recordLoop } from "./record-loop.ts";
export { resultMetrics } from "./result-metrics.ts";
export { showTrackedRun, type TrackedDetails } from "./show-tracked.ts";
