/** @file Parses command lines, calls use cases and prints their results; no logic of its own. */
export { invoke } from "./invoke.ts";
