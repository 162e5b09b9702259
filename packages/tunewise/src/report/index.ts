/** @file Documents of runs, checks, comparisons and searches, as text, Markdown, HTML and SARIF; pure. */

export { tryActionOf } from "./baselines/try-action.ts";
export type {
  ShownArm,
  ShownCurvePoint,
  ShownVerdicts,
  SplitQuestion,
  TestSetAccess,
  TryDocument,
} from "./baselines/try-document.ts";
export { tryEvidence, tryReport } from "./baselines/try-report.ts";
export * as tryWords from "./baselines/try-words.ts";
export { verdictTitle } from "./baselines/try-words.ts";
export { rangeChart } from "./charts/range-chart.ts";
export { checkReport } from "./check/check-report.ts";
export { weightOf } from "./check/meaning.ts";
export { nextStep } from "./check/next-step.ts";
export { sarifOf } from "./check/sarif.ts";
export { listTopics } from "./check/topic-rows.ts";
export { type DataCheck, excerptsOf, type Subject, type Topic, topicsOf } from "./check/topics.ts";
export { reasoningText, trainedTurnsText } from "./check/trained-turns.ts";
export {
  type JudgedMetric,
  type Replacement,
  replacementAction,
  replacementReport,
  replacementVerdict,
} from "./compare/replacement-report.ts";
export { dataReport } from "./data/data-report.ts";
export type { RefusedRow, RowsView, ShownRow, ShownTurn, SplitSummary } from "./data/rows-view.ts";
export { differenceSentence, verdictWords } from "./difference-sentence.ts";
export {
  type Block,
  type Document,
  plainOf,
  type Sample,
  type Sentence,
  type Text,
  type TokenSpan,
} from "./document/document.ts";
export { documentHtml } from "./document/html.ts";
export { documentMarkdown } from "./document/markdown.ts";
export { escapeMarkdown, markdownTable } from "./document/markdown-text.ts";
export { type Table, table } from "./document/table.ts";
export { markedText, visibleSpace } from "./document/token-text.ts";
export { modelCard } from "./model-card/model-card.ts";
export type { AlternativeKind, MoveAlternative, MoveDocument, StatedPrice } from "./pay-off/move-document.ts";
export { type MoveBlock, moveAnswer, moveBlocks } from "./pay-off/move-text.ts";
export { type Action, actionOf, lossOf } from "./run/action.ts";
export { forgettingBrief } from "./run/forgetting-text.ts";
export { type Judgement, judgeRun, judgeScores } from "./run/judgement.ts";
export { labelSentence } from "./run/label-text.ts";
export type {
  AnswerSample,
  CodePair,
  KeyValue,
  LabelFacts,
  Memorization,
  RefusalPair,
  RunReport,
  SafetyOutcome,
  ScoreLine,
} from "./run/report.ts";
export { figureTable } from "./run/report-tables.ts";
export { runReport } from "./run/run-report.ts";
export { isGrave, scannerSentences } from "./run/safety-text.ts";
export { trivialText } from "./run/trivial-text.ts";
export type {
  FinalRun,
  FinalScore,
  RangeOutcome,
  RateBounds,
  SearchDocument,
  SearchFinals,
  SearchRate,
  ShownTrial,
  TrailPoint,
} from "./search/search-document.ts";
export { searchReport } from "./search/search-report.ts";
export * as searchWords from "./search/search-words.ts";
export { moneyText, rangeSentence, secondsAt } from "./search/search-words.ts";
export { verifyReport } from "./verify/verify-report.ts";
export { type DiffPart, diffWords } from "./word-diff.ts";
