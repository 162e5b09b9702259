/** @file The library's public API, one file for each sub-path of the package. */

export { type DecisionInput, decide } from "../evaluate/index.ts";
export * from "./check.ts";
export * from "./plan.ts";
export * from "./search.ts";
export * from "./track.ts";
export * from "./train.ts";
