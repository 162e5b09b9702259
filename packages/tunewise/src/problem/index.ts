/** @file Findings, errors and the catalog that words them. */
export * from "@tunewise/core/problem";
export type { ProblemCode } from "./catalog/index.ts";
export * from "./make.ts";
