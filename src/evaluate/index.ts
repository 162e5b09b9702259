/** @file Tasks, metrics, statistics; pure. */
export { type ByHeartGap, compareByHeart, type GroupLoss, type LossPair } from "./by-heart.ts";
export { type Comparison, compareScores } from "./compare.ts";
export { compareWays, type RunOutcomes, type WayDifference } from "./compare-ways.ts";
export {
  type ChoiceOutcome,
  compareChoices,
  type ScoredItem,
  scoreChoices,
  type TaskChange,
} from "./forgetting/choices.ts";
export {
  type DivergenceChange,
  type PromptDivergence,
  positionDivergence,
  summarizeDivergence,
} from "./forgetting/divergence.ts";
export {
  compareMusts,
  expectedText,
  type MustChange,
  type MustOutcome,
  meetsExpected,
} from "./forgetting/must-still-work.ts";
export { comparePerplexity, type PerplexityChange } from "./forgetting/perplexity.ts";
export { chooseTradeoff, type TradeoffLimits, type TradeoffPoint } from "./forgetting/tradeoff.ts";
export { type JudgeSettings, judge, type Predictions } from "./judge.ts";
export { type MetricKind, metricKinds, type RowLoss } from "./metrics.ts";
export { isRefusal } from "./refusal.ts";
export type { Confusion, Interval, LabelScore, LabelTable, RowOutcome, Score } from "./score.ts";
export { type Agreement, agreement } from "./statistics/agreement.ts";
export { type BootstrapMean, bootstrapMean } from "./statistics/clustered.ts";
export { holm } from "./statistics/holm.ts";
export {
  type CurveFit,
  type CurvePoint,
  fitCurve,
  type RowsForTarget,
  rowsForTarget,
  scoreAt,
} from "./statistics/learning-curve.ts";
export {
  exactMcNemar,
  minimumDetectableEffect,
  neededRows,
  type PairedCounts,
  pairedDifference,
  wilsonInterval,
} from "./statistics/proportion.ts";
export { signFlipTest } from "./statistics/sign-flip.ts";
export { compareUnsafe, type UnsafeShare } from "./unsafe-share.ts";
