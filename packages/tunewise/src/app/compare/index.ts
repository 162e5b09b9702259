/** @file `tunewise compare`: runs on one task side by side. */

export { compareRuns, type RunComparison } from "./compare-runs.ts";
export type { ComparedRun } from "./compared-run.ts";
export { compareReplacement } from "./replacement.ts";
export {
  howCompared,
  type RecordedRun,
  type ScoreDifferences,
  scoreDifferences,
} from "./score-differences.ts";
export type { ComparedVariant } from "./variants.ts";
