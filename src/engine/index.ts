/** @file Trains and runs a language model on this machine; knows tensors, never money or recipes. */

export { checkTrainable } from "./adapters/full.ts";
export type { BaseOptions } from "./base/options.ts";
export { asTrained } from "./base/quantized-files.ts";
export { epochBatches } from "./batch/batches.ts";
export { openEmbedder, type TextEmbedder } from "./embed/embedder.ts";
export { openReranker, type TextReranker } from "./embed/reranker.ts";
export type * from "./engine.ts";
export { planPeft } from "./export/adapter.ts";
export type { ExportPlan, PlannedFile } from "./export/export-plan.ts";
export {
  checkExportType,
  type ExportFormat,
  type ExportRequest,
  exportFormats,
  exportTypes,
  planExport,
} from "./export/formats.ts";
export { mergedModel, replacedModel, type TunedModel } from "./export/tuned-model.ts";
export { writeFileAtomically } from "./files/atomic-file.ts";
export { resolveDataset } from "./files/dataset-source.ts";
export { readFisher, writeFisher } from "./files/fisher-file.ts";
export { readFullResult } from "./files/full-result.ts";
export { checkHubId } from "./files/hub-names.ts";
export { type FoundCard, type ModelCard, resolveModelCard } from "./files/model-card.ts";
export { type AdapterFiles, readAdapter } from "./files/peft.ts";
export { openSafetensors } from "./files/safetensors.ts";
export { looksLikePath, resolveModel } from "./files/sources.ts";
export type * from "./files/types.ts";
export type { Choice } from "./generate/choice-search.ts";
export { openModel } from "./language-model.ts";
export { learningRateAt } from "./optimizers/schedule.ts";
export { calibrateBase } from "./pass/calibrate-base.ts";
export { type Fisher, joinFishers } from "./penalties/fisher.ts";
export type { PenaltySettings } from "./penalties/settings.ts";
export { correlation, relatedCorrelation } from "./penalties/weight-sample.ts";
export { type Clocks, type MatrixSpeed, measureMatrixRate, measureMatrixSpeed } from "./runtime/probe.ts";
