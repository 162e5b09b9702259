/** @file Model files: safetensors, GGUF, NF4, PEFT adapters; read on demand with limits, never executed. */

export { writeFileAtomically, writeProblem } from "./atomic-file.ts";
export {
  type Config,
  checkConfigNumbers,
  isInRange,
  numberRanges,
  rangeText,
  sizeLimits,
} from "./config-ranges.ts";
export { dequantize } from "./gguf/dequantize.ts";
export { openGguf } from "./gguf/gguf.ts";
export { readGgufHeader } from "./gguf/header.ts";
export { conversionOf, convertWeight, ggufName } from "./gguf/names.ts";
export { type Preparation, preparations } from "./gguf/tokenizer-byte-level.ts";
export { tokenKind } from "./gguf/vocabulary.ts";
export {
  type BFloat16Bits,
  halfValueTable,
  narrowToBFloat16,
  widenBFloat16,
  widenHalf,
} from "./half-precision.ts";
export { isJsonObject, type JsonObject, parseJsonObject, readJsonFile } from "./json-file.ts";
export {
  maximumArchiveEntries,
  maximumConfigBytes,
  maximumHubAnswerBytes,
  maximumHubFiles,
  maximumTokenizerBytes,
} from "./limits.ts";
export type {
  AdapterSettings,
  AdapterTensor,
  ModelFiles,
  StoredType,
  StoredWeight,
  WeightFiles,
  WeightInfo,
} from "./model-files.ts";
export { isPickleName, openModelFolder, openModelGguf, readTokenizer, weightsEntry } from "./model-folder.ts";
export {
  blockScales,
  codeOf,
  dequantizeNf4,
  minScale,
  type Nf4Tensor,
  nestScales,
  nf4Block,
  nf4Values,
  quantizeNf4,
  writeScales,
} from "./nf4/nf4.ts";
export { type AdapterFiles, readAdapter, writeAdapter } from "./peft.ts";
export { adapterConfigJson } from "./peft-config.ts";
export { openPositionedFile, type PositionedFile, readWholeFile } from "./positioned-file.ts";
export { nf4Bytes, nf4Entries } from "./safetensors/nf4-weights.ts";
export { openSafetensors } from "./safetensors/safetensors.ts";
export { type WritableEntry, writeSafetensors, writeTensorFile } from "./safetensors/write.ts";
export { findNotFinite } from "./weight-files.ts";
