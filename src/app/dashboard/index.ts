/** @file Values that the page shows: curves, details of runs, and what changed. */

export type { ShownText, Some } from "./bounds.ts";
export { type ChangeEvent, type ChangeFeed, createChangeFeed, type Listener } from "./change-feed.ts";
export type { DashboardContext } from "./dashboard-context.ts";
export { type Curve, type Curves, type CurvesRequest, readCurves } from "./read-curves.ts";
export { type AnswerPage, readAnswers } from "./run-answers.ts";
export { type PageRun, readRunDetails } from "./run-details.ts";
export { findRunFile, listRunFiles, type OpenRunFile, type RunFiles } from "./run-files.ts";
export { readConsoleLines, readRows } from "./run-lines.ts";
export { readMetrics } from "./run-metrics.ts";
