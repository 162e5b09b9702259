/** @file Tasks, metrics, statistics, the decision; pure. */

export {
  type Comparison,
  compareScores,
  compareWays,
  type RunOutcomes,
  type WayDifference,
} from "./compare.ts";
export { type Contradiction, contradictionText, findContradictions } from "./contradictions.ts";
export type { BreakEven } from "./decide/break-even.ts";
export { type ClaimCheck, checkClaims, type MethodCost } from "./decide/claims.ts";
export type { ArmComparison } from "./decide/compare-arms.ts";
export { type Decision, type DecisionVerdict, decide, voidDecision } from "./decide/decide.ts";
export type { RowsToCollect } from "./decide/enough-rows.ts";
export type { ArmKind, DecisionArm, DecisionFacts, DecisionInput, Objective } from "./decide/input.ts";
export type { FiredRule, RuleName } from "./decide/rules.ts";
export type { Flip, SensitiveTo } from "./decide/sensitivity.ts";
export type { DecisionRow } from "./decide/table.ts";
export type { ByVolume } from "./decide/weigh.ts";
export {
  type ChoiceOutcome,
  compareChoices,
  type ScoredItem,
  scoreChoices,
  type TaskChange,
} from "./forgetting/choices.ts";

export { type DivergenceChange, positionDivergence, summarizeDivergence } from "./forgetting/divergence.ts";
export { comparePerplexity, type PerplexityChange } from "./forgetting/perplexity.ts";
export {
  compareRegressionPrompts,
  expectedText,
  meetsExpected,
  type RegressionChange,
  type RegressionOutcome,
} from "./forgetting/regression-prompts.ts";
export { chooseTradeoff, type TradeoffLimits, type TradeoffPoint } from "./forgetting/tradeoff.ts";
export { labelsOf, labelTable } from "./label.ts";
export { compareMemorization, type GroupLoss, type LossPair, type MemorizationGap } from "./memorization.ts";

export { type MetricKind, metricKinds } from "./metrics.ts";
export { isRefusal } from "./refusal.ts";
export {
  type Confusion,
  type Coverage,
  coverageOf,
  coverageText,
  type Interval,
  type LabelScore,
  type LabelTable,
  maxUnscoredShare,
  type RowOutcome,
  type Score,
} from "./score.ts";
export {
  type Predictions,
  type ScoringSettings,
  scorePredictions,
  withoutRows,
} from "./score-predictions.ts";
export {
  type AssertedAnswer,
  type AssertionOutcome,
  assertAnswer,
  type TestOutcome,
} from "./scoring/assert-answer.ts";
export {
  type AssertedTest,
  type Assertion,
  type AssertionType,
  assertionTypes,
} from "./scoring/assertion.ts";
export { testFinder } from "./scoring/assertion-scores.ts";
export { isValid as isValidJson, type JsonSchema, schemaProblem } from "./scoring/json-schema.ts";
export {
  type JudgedPair,
  type PairOutcome,
  type PairwiseSummary,
  type PositionVerdict,
  pairwisePrompts,
  readVerdict,
  summarizePairs,
} from "./scoring/pairwise-judge.ts";
export { type ReadAssertions, readAssertions, writeAssertions } from "./scoring/read-assertions.ts";
export { type RowScorerName, type RowScorerSettings, rowScorers } from "./scoring/row-scorers.ts";
export {
  type AnswerFacts,
  type EstablishedOutcomes,
  noFacts,
  noScoringData,
  type ScoringData,
} from "./scoring/scoring-data.ts";
export { matchesSql } from "./scoring/sql-match.ts";
export {
  type ExecuteSql,
  hasSameResult,
  type QueryResult,
  type ResultValue,
  sameRows,
} from "./scoring/sql-rows.ts";
export { levenshtein, rougeN } from "./scoring/text-similarity.ts";
export { type Agreement, agreement } from "./statistics/agreement.ts";
export { type BootstrapMean, bootstrapMean } from "./statistics/clustered.ts";
export { holm } from "./statistics/holm.ts";
export {
  type CurveFit,
  type CurvePoint,
  drawScores,
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
export {
  bestTrivial,
  compareWithChance,
  compareWithTrivial,
  hasTrivialAnswers,
  type TrivialAnswers,
  type TrivialKind,
  type TrivialScore,
  trivialAnswers,
} from "./trivial.ts";
export { compareUnsafe, type UnsafeShare } from "./unsafe-share.ts";
