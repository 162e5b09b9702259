/** @file What the page shows: curves, runs, comparisons, money, plans; and runs that are started from it. */

export { createAnswersBeside, type RowChoice } from "./answers-beside.ts";
export { type ChangeEvent, createChangeFeed } from "./change-feed.ts";
export { createScoreComparison } from "./compare-scores.ts";
export type { DashboardContext } from "./dashboard-context.ts";
export { exportDecision, listDecisions, readDecision } from "./decisions.ts";
export { createHome } from "./home.ts";
export { createMoneyContext, createPlanAccuracy, readMoneyOutlook } from "./money.ts";
export { type Curve, readCurves } from "./read-curves.ts";
export { checkServed } from "./recipes/check-recipe.ts";
export { type EditableSettings, listRecipes, offeredModels } from "./recipes/list-recipes.ts";
export { planServed } from "./recipes/plan-recipe.ts";
export { readCommand, type StartedProgram, type StartProgram } from "./recipes/program.ts";
export {
  claimProjects,
  projectOfRecipe,
  type ServedRecipes,
  serveRecipes,
} from "./recipes/served-recipes.ts";
export { startServed } from "./recipes/start-run.ts";
export { readAnswers } from "./run-answers.ts";
export { readRunDetails } from "./run-details.ts";
export { findRunFile, listRunFiles, type OpenRunFile } from "./run-files.ts";
export { readConsoleLines, readRows } from "./run-lines.ts";
export { readMetrics } from "./run-metrics.ts";
export { readRunTable } from "./run-table.ts";
