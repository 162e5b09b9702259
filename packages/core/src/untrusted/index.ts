/** @file Files and input from outside: only regular files are opened, and work on them has limits of time and memory. */
export * from "./deadline.ts";
export * from "./gate.ts";
export * from "./parse-json.ts";
export * from "./regular-file.ts";
export * from "./task-process.ts";
