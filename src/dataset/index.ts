/** @file Rows from files to tokens: readers, chat templates, length statistics, checks. */
export type * from "./example.ts";
export type * from "./tokenizer.ts";
