/** @file Runs of an output folder: found, compared with earlier ones, metered, restored from their folders. */

export { type Attached, attach } from "./attach.ts";
export { claimOf, refuseDuplicate } from "./claim.ts";
export { createRun, outerLaunch } from "./create-run.ts";
export { deadRuns, settleDeadRuns } from "./dead-runs.ts";
export { findEarlierRuns, requireBudgetLeft, requireSharedBudget } from "./earlier-runs.ts";
export { settingsOf } from "./experiment.ts";
export {
  type FoundRun,
  findRun,
  recipeOfRun,
  runFolderNamed,
  runIdsIn,
  withStore,
} from "./find-run.ts";
export { settleTicks } from "./flush-ticks.ts";
export { importRuns } from "./import-runs.ts";
export { Meter } from "./meter.ts";
export { capsInForce, capsTags } from "./raised-caps.ts";
export { requireEngine } from "./require-engine.ts";
export { type RunDetails, showRun } from "./show-run.ts";
export { computeForRun, storageOfRun } from "./storage-of-run.ts";
export { type SweptCluster, stopOrphans, sweepCluster } from "./sweep-cluster.ts";
export { readTryDocument, tryDocumentPath } from "./try-document.ts";
