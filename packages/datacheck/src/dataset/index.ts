/** @file Rows of files: readers, recognized columns, splits, and prompts that measure forgetting. */

export * from "./benchmark-rows.ts";
export { containers, namedContainers } from "./container.ts";
export * from "./conversation.ts";
export { likelySeparator, splitTableRow, tableRowEnds } from "./csv.ts";
export { cardConfigs } from "./dataset-card.ts";
export { untrainableRows } from "./detect.ts";
export type { SampleBy } from "./documents.ts";
export { findsPattern, patternProblem, searchPattern } from "./forgetting/pattern.ts";
export * from "./forgetting/prompts.ts";
export * from "./forgetting/read-prompts.ts";
export * from "./json-schema.ts";
export * from "./normalize.ts";
export { stem } from "./porter.ts";
export { readPromptRows } from "./prompt-rows.ts";
export { documentsIn, type ReadOptions, readExamples } from "./read.ts";
export * from "./read-block.ts";
export * from "./read-source.ts";
export { mayBeDocuments } from "./recognize/column-names.ts";
export {
  type NamedColumns,
  type RecognizedFile,
  recognizeFile,
} from "./recognize/recognize.ts";
export type { Fields } from "./record.ts";
export type { ByteRange } from "./records.ts";
export { type FileRow, readFileRows } from "./row-source.ts";
export {
  dataFilesIn,
  isManyFiles,
  type PartName,
  partOfName,
  partOfText,
  patternOf,
  type SourceFile,
  sourceFiles,
  splitsOf,
  textFilesIn,
} from "./source-files.ts";
export { splitByGroup } from "./split-by-group.ts";
export * from "./splits.ts";
export { toolDefinition } from "./tools/tool-definitions.ts";
