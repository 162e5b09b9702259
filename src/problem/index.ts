/** @file Findings, errors and the catalog that words them. */
export type { ProblemCode } from "./catalog/index.ts";
export { loadPackage } from "./load-package.ts";
export * from "./make.ts";
export * from "./nearest.ts";
export * from "./problem.ts";
export * from "./system-error.ts";
