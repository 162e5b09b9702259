/** @file Finds insecure code in source text and in what language models write; pure, but for parsers that it loads. */

export type { CodeFinding, CodeSeverity } from "./finding.ts";
export { allRules, ruleOf } from "./languages.ts";
export { openScanner, type Scanner } from "./scan.ts";
export { holdsCode } from "./snippets.ts";
