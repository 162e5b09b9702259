/** @file Finds insecure code in source text and in what models write; pure, but for parsers that it loads. */

export type { CodeFinding } from "./finding.ts";
export { allRules, ruleOf } from "./languages.ts";
export type { CodeSeverity } from "./rule.ts";
export { openScanner, type Scanner } from "./scan.ts";
export { holdsCode } from "./snippets.ts";
