/** @file Leaks, duplicates, faults, secrets and insecure code in rows and in what models write; pure, but for parsers that it loads. */

export { type CodeFinding, holdsCode, openScanner } from "@tunewise/codescan";
export { clusterRows } from "./cluster-rows.ts";
export * from "./inspect-rows.ts";
export * from "./observation.ts";
export { tellPickles } from "./pickle/report.ts";
export { scanPickle } from "./pickle/scan-pickle.ts";
export { type Redact, redactFields, redactor } from "./secrets/redact.ts";
export { type MemoryShare, memoryShare, seenRows, seenShareShown } from "./seen-rows.ts";
export { type Touch, touchedRows } from "./touched-rows.ts";
