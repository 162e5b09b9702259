/** @file Leaks, duplicates, faults, secrets and insecure code in rows and in what models write; pure, except for parsers that it loads. */

export { ContainedSearch, compareMeetings } from "./blocks/compare.ts";
export {
  type ContainedPairs,
  type FoundPairs,
  joinPairs,
} from "./blocks/found-pairs.ts";
export { type Keys, type Meetings, meet, routeKeys } from "./blocks/keys.ts";
export { type DataSetFacts, joinRows, type NumberedRows, partOf, pickRows } from "./blocks/numbered-rows.ts";
export {
  digestBytes,
  type FoundRepeats,
  type HashedRows,
  machineOf,
  repeatsAmong,
} from "./blocks/repeats.ts";
export { BlockVocabulary, type BlockWords, scanBlock } from "./blocks/vocabulary.ts";
export { clusterRows } from "./cluster-rows.ts";
export { type CodeFinding, holdsCode, openScanner } from "./codescan/index.ts";
export * from "./inspect-rows.ts";
export { observePairs } from "./near/observations.ts";
export { setRounds } from "./near/word-sets.ts";
export type { WordStatistics } from "./near/words.ts";
export * from "./observation.ts";
export type { NearTexts } from "./paraphrase/top-match.ts";
export { tellPickles } from "./pickle/report.ts";
export { scanPickle } from "./pickle/scan-pickle.ts";
export { isLeak } from "./problem/index.ts";
export { parts } from "./row.ts";
export { batchesOf, type CodeFile, codeFiles } from "./sarif/code-files.ts";
export { builtin, type FoundCode } from "./sarif/found-code.ts";
export { placeResults } from "./sarif/place-results.ts";
export { readSarif, type SarifLog, type SarifResult } from "./sarif/read-sarif.ts";
export {
  type CodeScan,
  joinScans,
  type OtherScan,
  type ScannerFailure,
  type ScanTexts,
} from "./sarif/scan-texts.ts";
export { isCardNumber } from "./secrets/personal/card.ts";
export { type Redact, redactFields, redactor } from "./secrets/redact.ts";
export { leakageText, type MemoryShare, memoryShare, seenRows, seenShareShown } from "./seen-rows.ts";
export { type Touch, type TouchedRows, touchedRows } from "./touched-rows.ts";
