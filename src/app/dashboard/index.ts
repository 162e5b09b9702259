/** @file Values that the page shows: curves, details of runs, and what changed. */

export { type ChangeEvent, createChangeFeed } from "./change-feed.ts";
export type { DashboardContext } from "./dashboard-context.ts";
export { exportDecision, listDecisions, readDecision } from "./decisions.ts";
export { createHome } from "./home.ts";
export { createMoneyContext, createPlanAccuracy, readMoneyOutlook } from "./money.ts";
export { type Curve, readCurves } from "./read-curves.ts";
export { readAnswers } from "./run-answers.ts";
export { readRunDetails } from "./run-details.ts";
export { findRunFile, listRunFiles, type OpenRunFile } from "./run-files.ts";
export { readConsoleLines, readRows } from "./run-lines.ts";
export { readMetrics } from "./run-metrics.ts";
