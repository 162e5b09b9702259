/** @file The library's public names: rooms as a program may use them, without the command line. */

export { approve, planRecipe, planWithoutWeights } from "./app/plan/index.ts";
export { resumeRun, runRecipe } from "./app/train/index.ts";
export * from "./catalog/index.ts";
export * from "./dataset/index.ts";
export * from "./engine/index.ts";
export * from "./evaluate/index.ts";
export * from "./guard/index.ts";
export * from "./hub/index.ts";
export * from "./plan/index.ts";
export { loadRecipe } from "./prepare/index.ts";
export * from "./problem/index.ts";
export * from "./quantity/index.ts";
export * from "./recipe/index.ts";
export * from "./retrieve/index.ts";
export type * from "./run/index.ts";
export { createRuntime } from "./runtime/index.ts";
export * from "./search/index.ts";
export * from "./track/index.ts";
export * from "./weights/index.ts";
