/** @file The only place where rooms meet: check, plan, approve, run, report. */
export { lookAtAudit } from "./access/look-at-audit.ts";
export type { AccessRequest } from "./access/open-access.ts";
export {
  addPerson,
  changePersonPassword,
  changePersonRole,
  type ListedUser,
  listPeople,
  removePerson,
} from "./access/people.ts";
export {
  changeMemberDefault,
  grantRole,
  listRoles,
  type ProjectRoles,
  revokeRole,
} from "./access/roles.ts";
export { dropToken, listAllTokens, makeToken } from "./access/tokens.ts";
export { type ApprovedPlan, approve, type Consent, demandUnblocked } from "./approve.ts";
export { curveRecipes } from "./arms/learning-curve.ts";
export { runTry, type TryOptions, type TryOutcome, type TryPreview } from "./arms/run-try.ts";
export type { TryDocument } from "./arms/try-document.ts";
export * as tryWords from "./arms/try-words.ts";
export { trainedRun } from "./arms/tuned-run.ts";
export { blocks, checkData, type DataCheck } from "./check/check-data.ts";
export { checkHtml } from "./check/check-html.ts";
export { type CleanedData, fixData } from "./check/fix-data.ts";
export { type NextStep, nextStep } from "./check/next-step.ts";
export { sarifOf } from "./check/sarif.ts";
export { type Subject, type Topic, topicsOf } from "./check/topics.ts";
export { refuseInput, writeCheck } from "./check/write-check.ts";
export { compareRuns, type RunComparison } from "./compare/compare-runs.ts";
export type { ComparedRun } from "./compare/compared-run.ts";
export type { ComparedWay } from "./compare/ways.ts";
export { type DemoRecipe, demoRecipe } from "./demo.ts";
export { lookForEarlier } from "./duplicates/earlier.ts";
export { type EvaluatedRun, evaluateRun } from "./evaluate-run.ts";
export { type ExportedRun, type ExportOptions, exportRun } from "./export-run.ts";
export { defaultOutput, runFolderNamed } from "./find-run.ts";
export { type GeneratedText, generateText } from "./generate-text.ts";
export { createHost, type Host } from "./host.ts";
export { type ImportedRuns, importRuns } from "./import-runs.ts";
export { likelyData } from "./init/find-data.ts";
export type { Proposal } from "./init/first-choices.ts";
export { type InitRequest, type MadeRecipe, makeRecipe, type OpenQuestion } from "./init/make-recipe.ts";
export { type LoadedRecipe, loadRecipe, type RecipeOverrides } from "./load-recipe.ts";
export { type ExpectedPrice, expectedPrice } from "./paying/expected-price.ts";
export { type Holder, holderOf } from "./paying/holder.ts";
export type { KeptAnswer } from "./paying/kept-answer.ts";
export { askWorld, type EndpointSettings, endpointFrom } from "./paying/open-endpoint.ts";
export { type AnswerPaid, openPayer, type Payer, type PayerOptions } from "./paying/paid-answers.ts";
export { costOfTokens, type SaidPrice, type TokenPrice, tokenPriceOf } from "./paying/token-price.ts";
export { type AccuracyReport, judgePlans, type Together } from "./plan/accuracy.ts";
export { type MadePlan, type PlannedRecipe, planAhead, planByProbe, planRecipe } from "./plan-recipe.ts";
export type { OnDownload } from "./prepare.ts";
export { type ListedPrices, listPrices, type PriceFilter } from "./prices/list.ts";
export { type LoadedPrices, loadPriceBook, storedPricesAge } from "./prices/load.ts";
export {
  type ListOutcome,
  type PriceUpdate,
  type UpdateOptions,
  type UpdateProgress,
  updatePrices,
} from "./prices/update.ts";
export { refusalsOf } from "./refusals.ts";
export { judgeRun, judgeScores } from "./report/judgement.ts";
export { labelSentence } from "./report/label-text.ts";
export type { RunReport } from "./report/report.ts";
export type { Table } from "./report/table.ts";
export { resumeRun } from "./resume-run.ts";
export type { RunOutcome } from "./run/finish.ts";
export type { LiveLogEnd } from "./run/live/tracker.ts";
export { runRecipe } from "./run-recipe.ts";
export type { SearchNews, SearchOutcome, SearchPreview } from "./search/at-work.ts";
export { runSearch } from "./search/run-search.ts";
export type { SearchDocument } from "./search/search-document.ts";
export * as searchWords from "./search/search-words.ts";
export { type TrialNews, type TrialWord, trainOrder } from "./search/trial-order.ts";
export { type RunDetails, showRun } from "./show-run.ts";
export { type Dialogue, type DialogueEvent, openDialogue } from "./speak/dialogue.ts";
export type { SpeakerOptions, Voice } from "./speak/find-speaker.ts";
export type {
  AnswerEnd,
  AnswerEvent,
  Decoding,
  LikelyText,
  Prompt,
  Question,
  SpokenToken,
} from "./speak/question.ts";
export { decodingOf, openSpeaker, type Speaker } from "./speak.ts";
export { admitRun } from "./tracking/admission/admit-run.ts";
export { type BackedUp, type BackUpOptions, backUpStore } from "./tracking/back-up-store.ts";
export { dropSharedBudget, listBudgets, setSharedBudget } from "./tracking/budgets.ts";
export { type ChargeRequest, chargeRun, chargeTracked } from "./tracking/charge-run.ts";
export { type Desk, type DeskPlaces, openDesk } from "./tracking/desk.ts";
export { catchUp, reportEnd, reportOf } from "./tracking/launches/catch-up.ts";
export { defaultLaunchProject, deskRegistrar } from "./tracking/launches/launch-desk.ts";
export type {
  AcceptedLaunch,
  LaunchReport,
  LaunchRequest,
  Registrar,
} from "./tracking/launches/registrar.ts";
export { remoteRegistrar } from "./tracking/launches/remote-registrar.ts";
export { settleLaunches } from "./tracking/launches/settle-meters.ts";
export { type ListedRun, listRuns } from "./tracking/look/list-runs.ts";
export { missingRuns } from "./tracking/look/missing-runs.ts";
export { showTrackedRun, type TrackedDetails } from "./tracking/look/show-tracked.ts";
export type { Committed } from "./tracking/measured-writes.ts";
export { keepSettling, settleRun, settleRuns } from "./tracking/metering.ts";
export { type ExportReport, exportHistories, type HistoryExport } from "./tracking/move/export-histories.ts";
export { type ImportOptions, importHistory } from "./tracking/move/import-history.ts";
export type { ImportProgress, ImportReport } from "./tracking/move/import-report.ts";
export { importWandb } from "./tracking/move/import-wandb.ts";
export { openMlflowSource } from "./tracking/move/open-mlflow-source.ts";
export { type Restored, type RestoreOptions, restoreStore } from "./tracking/restore-store.ts";
export {
  reportSpending,
  type SpendGroup,
  type Spending,
  type SpendRequest,
  sumSpending,
  type WastedRun,
} from "./tracking/spending.ts";
export { askRunToStop } from "./tracking/stop-run.ts";
