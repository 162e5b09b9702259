/** @file Leaks, duplicates, faults, secrets and insecure code in rows and in what models write; pure, but for parsers that it loads. */

export { clusterRows } from "./cluster-rows.ts";
export type { CodeFinding } from "./code/finding.ts";
export { openScanner } from "./code/scan.ts";
export { holdsCode } from "./code/snippets.ts";
export * from "./inspect-rows.ts";
export { type MemoryShare, memoryShare } from "./memory-share.ts";
export * from "./observation.ts";
export { scanPickle } from "./pickle/scan-pickle.ts";
export { tellPickles } from "./pickle/tell-pickles.ts";
export * from "./redact-fields.ts";
export { redactor } from "./secrets/redact.ts";
export { seenRows, seenShareShown } from "./seen-rows.ts";
export { type Touch, touchedRows } from "./touched-rows.ts";
