/** @file Trains and runs a language model on this machine; knows tensors, never money or recipes. */

export { checkTrainable } from "./adapters/full.ts";
export { readFullResult } from "./adapters/full-result.ts";
export { untrainedAdapter } from "./adapters/untrained.ts";
export type { BaseOptions } from "./base/options.ts";
export { asTrained } from "./base/quantized-files.ts";
export { epochBatches } from "./batch/batches.ts";
export { StepPlan } from "./batch/steps.ts";
export {
  constrainCallsInText,
  constrainToCalls,
  constrainToJson,
  type TokenConstraint,
} from "./constrain/constraint.ts";
export { TokenVocabulary } from "./constrain/vocabulary.ts";
export { openEmbedder, type TextEmbedder } from "./embed/embedder.ts";
export { openReranker, type TextReranker } from "./embed/reranker.ts";
export type * from "./engine.ts";
export { planPeft } from "./export/adapter.ts";
export { type ExportPlan, type PlannedFile, textFile } from "./export/export-plan.ts";
export {
  checkExportType,
  type ExportFormat,
  type ExportRequest,
  exportFormats,
  exportTypes,
  planExport,
} from "./export/formats.ts";
export { withTemplateFiles } from "./export/template-files.ts";
export { mergedModel, replacedModel, type TunedModel } from "./export/tuned-model.ts";
export { openModel } from "./language-model.ts";
export { learningRateAt } from "./optimizers/schedule.ts";
export { calibrateBase } from "./pass/calibrate-base.ts";
export { type Fisher, joinFishers } from "./penalties/fisher.ts";
export { readFisher, writeFisher } from "./penalties/fisher-file.ts";
export type { PenaltySettings } from "./penalties/settings.ts";
export { correlation, relatedCorrelation } from "./penalties/weight-sample.ts";
export {
  fasterPrecision,
  measurePrecision,
  type PrecisionMeasurement,
  type PrecisionRates,
  type PrecisionWork,
} from "./precision/measure-precision.ts";
export { measureMatrixRate, measureMatrixSpeed } from "./runtime/probe.ts";
export { whyNotBf16 } from "./runtime/self-test.ts";
