/** @file Rows from files to tokens: readers, chat templates, length statistics. */

export * from "./benchmark-rows.ts";
export * from "./conversation.ts";
export { likelySeparator, splitTableRow, tableRowEnds } from "./csv.ts";
export { untrainableRows } from "./detect.ts";
export * from "./encode.ts";
export type * from "./example.ts";
export * from "./forgetting/encode-prompts.ts";
export { findsPattern, patternProblem, searchPattern } from "./forgetting/pattern.ts";
export * from "./forgetting/prompts.ts";
export * from "./forgetting/read-prompts.ts";
export * from "./normalize.ts";
export { stem } from "./porter.ts";
export { type ReadOptions, type ReadResult, readExamples } from "./read.ts";
export * from "./read-block.ts";
export {
  type NamedColumns,
  type RecognizedFile,
  recognizeFile,
} from "./recognize/recognize.ts";
export { type Fields, locationOf, type RowInFile } from "./record.ts";
export type { ByteRange } from "./records.ts";
export { type EncodedCompletion, encodeCompletion } from "./row-encoding.ts";
export { type FileRow, readFileRows } from "./row-source.ts";
export * from "./shuffle.ts";
export { splitByGroup } from "./split-by-group.ts";
export * from "./splits.ts";
export * from "./statistics.ts";
export * from "./tokenize/chat-template.ts";
export * from "./tokenize/create.ts";
export type * from "./tokenizer.ts";
