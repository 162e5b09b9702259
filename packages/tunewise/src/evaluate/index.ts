/** @file Tasks, metrics, statistics, the decision; pure. */

export {
  type Comparison,
  compareScores,
  compareWays,
  type RunOutcomes,
  type WayDifference,
} from "./compare.ts";
export { type Contradiction, contradictionText, findContradictions } from "./contradictions.ts";
export { type ClaimCheck, checkClaims, type MethodCost } from "./decide/claims.ts";
export { type Decision, decide, invalidDecision } from "./decide/decide.ts";
export type { ArmKind, DecisionArm, DecisionInput, Objective } from "./decide/input.ts";
export {
  billOf,
  type MachineRates,
  type Move,
  machinesAt,
  type PayOff,
  type PayOffInput,
  payOff,
  type Serving,
  type Staying,
  type TokenRates,
  type Traffic,
} from "./decide/pay-off.ts";
export { payOffTurns, type Turn } from "./decide/pay-off-turns.ts";
export type { RuleName } from "./decide/rules.ts";
export type { DecisionRow } from "./decide/table.ts";
export {
  type ChoiceOutcome,
  compareChoices,
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
export { chooseTradeoff, type TradeoffPoint } from "./forgetting/tradeoff.ts";
export { labelReader, labelsOf, labelTable } from "./label.ts";
export { compareMemorization, type MemorizationGap } from "./memorization.ts";
export { metricKinds } from "./metrics.ts";
export { judgeNotWorse, judgeYesNo, type NotWorse } from "./not-worse.ts";
export { isRefusal } from "./refusal.ts";
export {
  coverageOf,
  coverageText,
  type Interval,
  type LabelTable,
  maxUnscoredShare,
  type RowOutcome,
  type Score,
} from "./score.ts";
export {
  scorePredictions,
  withoutRows,
} from "./score-predictions.ts";
export type {
  AssertedTest,
  Assertion,
} from "./scoring/assertion.ts";
export { testFinder } from "./scoring/assertion-scores.ts";
export {
  type JudgedPair,
  type PairwiseSummary,
  type PositionVerdict,
  pairwisePrompts,
  readVerdict,
  summarizePairs,
} from "./scoring/pairwise-judge.ts";
export { type ReadAssertions, readAssertions, writeAssertions } from "./scoring/read-assertions.ts";
export {
  type AnswerFacts,
  type EstablishedOutcomes,
  noFacts,
  noScoringData,
  type ScoringData,
} from "./scoring/scoring-data.ts";
export {
  type ExecuteSql,
  hasSameResult,
  type QueryResult,
} from "./scoring/sql-rows.ts";
export {
  fitCurve,
  scoreAt,
} from "./statistics/learning-curve.ts";
export { type RowsPlanned, rowsForMargin } from "./statistics/non-inferiority.ts";
export { minimumDetectableEffect } from "./statistics/proportion.ts";
export {
  bestTrivial,
  compareWithChance,
  compareWithCompression,
  compareWithTrivial,
  hasTrivialAnswers,
  type TrivialScore,
  trivialAnswers,
} from "./trivial.ts";
export { compareUnsafe, type UnsafeShare } from "./unsafe-share.ts";
