/** @file Finds insecure code in source text and in what language models write; pure, except for parsers that it loads. */

export type { CodeFinding, CodeSeverity } from "./finding.ts";
export type { LanguageName } from "./language.ts";
export { ruleOf } from "./languages.ts";
export { openScanner, type Scanner } from "./scan.ts";
export type { Snippet } from "./snippet.ts";
export { holdsCode, snippetsOf } from "./snippets.ts";
export { areRelated } from "./weaknesses.ts";
