/** @file A code finding with the scanners that reported it, and merging of findings from several scanners. */
import { areRelated, type CodeFinding, type CodeSeverity } from "../codescan/index.ts";

/** Name of the built-in scanner. */
export const builtin = "builtin";

/** A weakness at a location in a text, and the scanners that found it. */
export interface FoundCode extends CodeFinding {
  /** Names of scanners: `builtin`, `bandit`. */
  readonly sources: readonly string[];
  /** Last line of the statement. */
  readonly lastLine: number;
  /** A page with more information, from scanners other than the built-in one. */
  readonly help?: string;
}

/** Findings of the built-in scanner. */
export function foundHere(text: string, findings: readonly CodeFinding[]): FoundCode[] {
  return findings.map((finding) => {
    const breaks = text.slice(finding.start, finding.end).split("\n").length - 1;
    return { ...finding, sources: [builtin], lastLine: finding.line + breaks };
  });
}

const weight: Readonly<Record<CodeSeverity, number>> = { low: 0, medium: 1, high: 2 };

/** Max lines of a statement. A longer span is a function or file, for which only the first line counts. */
const statementLines = 8;

function linesOf({ line, lastLine }: FoundCode): [number, number] {
  return lastLine - line < statementLines ? [line, lastLine] : [line, line];
}

function isSame(a: FoundCode, b: FoundCode): boolean {
  const [[from, to], [first, last]] = [linesOf(a), linesOf(b)];
  return from <= last && first <= to && areRelated(a.cwe, b.cwe);
}

/**
 * Merges the findings of another scanner. Findings in the same statement and the same family of weaknesses become one,
 * with the highest severity of them.
 */
export function mergeFound(before: readonly FoundCode[], more: readonly FoundCode[]): FoundCode[] {
  const merged = [...before];
  for (const found of more) {
    const at = merged.findIndex((one) => isSame(one, found));
    const same = merged[at];
    if (same === undefined) merged.push(found);
    else merged[at] = joined(same, found);
  }
  return merged.sort((a, b) => a.start - b.start || a.cwe - b.cwe || (a.rule < b.rule ? -1 : 1));
}

function joined(one: FoundCode, other: FoundCode): FoundCode {
  const sources = [...new Set([...one.sources, ...other.sources])];
  const severity = weight[other.severity] > weight[one.severity] ? other.severity : one.severity;
  return { ...one, severity, sources };
}
