/** @file Words to use cases and back; no logic of its own. */
export { invoke } from "./invoke.ts";
