/** @file Findings and errors, the catalogs that word them, and what the operating system refuses. */
export * from "./catalog.ts";
export * from "./finding.ts";
export { loadPackage } from "./load-package.ts";
export * from "./nearest.ts";
export * from "./problem.ts";
export * from "./system-error.ts";
export * from "./system-problems.ts";
