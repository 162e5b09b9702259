/** @file What the scanner found in a text. */

import type { LanguageName } from "./language.ts";

/** high: an attacker gains by it; medium: a protection is missing; low: a bad habit. */
export type CodeSeverity = "high" | "medium" | "low";

/** One weakness at one line. */
export interface CodeFinding {
  /** The rule: `python/sql-built`. */
  readonly rule: string;
  /** Its number in the Common Weakness Enumeration. */
  readonly cwe: number;
  readonly title: string;
  /** Of the code that it stands in. */
  readonly language: LanguageName;
  readonly severity: CodeSeverity;
  /** Counted from 1, in the text that was handed in. */
  readonly line: number;
  /** The line where what is run here was put together, where that is another. */
  readonly builtIn?: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  readonly start: number;
  readonly end: number;
  /** The line, shortened; secrets masked. */
  readonly excerpt: string;
  /** certain: plain to see, or followed from outside; likely: from a parameter; lines: by the line's text alone. */
  readonly certainty: "certain" | "likely" | "lines";
}
