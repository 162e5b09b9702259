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
export {
  exactMcNemar,
  minimumDetectableEffect,
  type PairedCounts,
  pairedDifference,
  wilsonInterval,
} from "./proportion.ts";
export { isRefusal } from "./refusal.ts";
export type { Confusion, Interval, LabelScore, LabelTable, RowOutcome, Score } from "./score.ts";
export { compareUnsafe, type UnsafeShare } from "./unsafe-share.ts";
