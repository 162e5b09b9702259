/** @file Findings of the code scanner. */

import type { LanguageName } from "./language.ts";

/** high: attackers gain something; medium: a protection is missing; low: bad practice. */
export type CodeSeverity = "high" | "medium" | "low";

/** A weakness at one line. */
export interface CodeFinding {
  /** The rule's id: `python/sql-built`. */
  readonly rule: string;
  /** CWE number. */
  readonly cwe: number;
  readonly title: string;
  /** The language of the code. */
  readonly language: LanguageName;
  readonly severity: CodeSeverity;
  /** Counted from 1, in the scanned text. */
  readonly line: number;
  /** The line where the executed text was built, if it differs. */
  readonly builtIn?: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  readonly start: number;
  readonly end: number;
  /** The shortened line, with secrets masked. */
  readonly excerpt: string;
  /**
   * certain: visible in the code, or traced from untrusted input; likely: traced from a parameter; lines: matched in a
   * line's text only.
   */
  readonly certainty: "certain" | "likely" | "lines";
}
