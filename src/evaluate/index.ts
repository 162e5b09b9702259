/** @file Tasks, metrics, statistics; pure. */
export { type Comparison, compareScores } from "./compare.ts";
export { type JudgeSettings, judge, type Predictions } from "./judge.ts";
export { type MetricKind, metricKinds, type RowLoss } from "./metrics.ts";
export {
  exactMcNemar,
  minimumDetectableEffect,
  type PairedCounts,
  pairedDifference,
  wilsonInterval,
} from "./proportion.ts";
export type { Confusion, Interval, LabelScore, LabelTable, RowOutcome, Score } from "./score.ts";
