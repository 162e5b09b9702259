/** @file Reads and checks recipe, data and model: what plans, runs and comparisons start from. */

export { whyNotBf16 } from "@tunewise/engine";
export {
  findModel,
  findRecipeModel,
  findTokenizer,
  findTokenizerFiles,
  modelPath,
  type OnDownload,
  templatedFiles,
} from "./find-model.ts";
export {
  encodeForgettingPrompts,
  type ForgettingPrompts,
  type RawForgettingPrompts,
  readForgettingPrompts,
} from "./forgetting-prompts.ts";
export { gradeFindings } from "./grade-findings.ts";
export {
  type LoadedRecipe,
  loadRecipe,
  type RecipeOverrides,
  recipeFromConfiguration,
  recipeFromText,
  settleRecipe,
  type TrackerName,
  withTemplateText,
} from "./load-recipe.ts";
export { type MachinePrice, readMachinePrice, recordMachinePrice } from "./machine-price.ts";
export {
  answeringWork,
  type ChosenPrecision,
  choosePrecision,
  type PrecisionRuntime,
  trainingWork,
} from "./precision.ts";
export {
  dataFingerprintOf,
  encodeSplits,
  epochRows,
  localData,
  type OnPhase,
  type Prepared,
  prepare,
  prepareToTrain,
  readRows,
  readUnchecked,
  repeatedRows,
  rowsOfEpoch,
  settleFor,
  withRepeats,
} from "./prepare.ts";
export { type DataRow, type RecipeObject, recipeFromObject } from "./recipe-from-object.ts";
export { dataAsRecipe } from "./require-no-data.ts";
export { rowEmbedder } from "./row-vectors.ts";
export { refusalTokens, type SafetyPrompts } from "./safety-prompts.ts";
export { findScanners, type ScannersHere } from "./scanners/known-scanners.ts";
export { openScanners } from "./scanners/open-scanners.ts";
export { readSchema, readScoring, scoringFingerprint } from "./scoring-data.ts";
export {
  baseOptions,
  createTuned,
  defaultStorage,
  loadTuned,
  openBaseModel,
  openPreparedBase,
  resultFiles,
  resultFolder,
  withoutResult,
} from "./tuned-model.ts";
export {
  type Embedder,
  type EmbeddingHooks,
  folderEmbedder,
  type PrefixOverrides,
  splitVectors,
  textsWithoutVectors,
  VectorCache,
} from "./vector-cache.ts";
