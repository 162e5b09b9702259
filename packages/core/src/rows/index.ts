/** @file Rows as packages exchange them: messages, examples, token ids with their loss mask, splits. */
export * from "./answer-text.ts";
export * from "./location.ts";
export * from "./row-issue.ts";
export type * from "./rows.ts";
export * from "./template-variables.ts";
