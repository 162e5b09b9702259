/** @file Files and input of others: opened only where they are files, worked on under limits of time and memory. */
export * from "./deadline.ts";
export * from "./gate.ts";
export * from "./parse-json.ts";
export * from "./regular-file.ts";
export * from "./task-process.ts";
