/** @file Runs, metrics, artifacts, ledger, fingerprints; SQLite embedded. */
export type { CheckpointEntry } from "./checkpoint-list.ts";
export { listCheckpoints } from "./checkpoint-list.ts";
export * from "./checkpoint-load.ts";
export * from "./checkpoint-save.ts";
export * from "./event-log.ts";
export { disk, type FileOperations } from "./file-operations.ts";
export * from "./lock.ts";
export * from "./open-store.ts";
export * from "./process-table.ts";
export * from "./run-folder.ts";
export * from "./run-id.ts";
export type * from "./store.ts";
export * from "./whole-file.ts";
