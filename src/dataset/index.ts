/** @file Rows from files to tokens: readers, chat templates, length statistics. */
export * from "./benchmark-rows.ts";
export * from "./encode.ts";
export type * from "./example.ts";
export * from "./file-rows.ts";
export * from "./fingerprint.ts";
export * from "./forgetting/encode-material.ts";
export * from "./forgetting/material.ts";
export { findsPattern } from "./forgetting/pattern.ts";
export * from "./forgetting/read-material.ts";
export * from "./normalize.ts";
export * from "./read.ts";
export type { Fields } from "./record.ts";
export * from "./shuffle.ts";
export * from "./splits.ts";
export * from "./statistics.ts";
export * from "./tokenize/create.ts";
export * from "./tokenize/template-choice.ts";
export type * from "./tokenizer.ts";
