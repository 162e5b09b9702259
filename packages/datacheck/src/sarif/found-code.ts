/** @file A finding in code with the scanners that have it, and findings of several scanners put together. */
import { areRelated, type CodeFinding, type CodeSeverity } from "../codescan/index.ts";

/** Name of the scanner that comes along. */
export const builtin = "builtin";

/** A weakness at a place of a text, and who found it. */
export interface FoundCode extends CodeFinding {
  /** Names of scanners: `builtin`, `bandit`. */
  readonly sources: readonly string[];
  /** Last line of the statement that is meant. */
  readonly lastLine: number;
  /** Page that says more; of scanners beside the one that comes along. */
  readonly help?: string;
}

/** Findings of the scanner that comes along. */
export function foundHere(text: string, findings: readonly CodeFinding[]): FoundCode[] {
  return findings.map((finding) => {
    const breaks = text.slice(finding.start, finding.end).split("\n").length - 1;
    return { ...finding, sources: [builtin], lastLine: finding.line + breaks };
  });
}

const weight: Readonly<Record<CodeSeverity, number>> = { low: 0, medium: 1, high: 2 };

/** A longer span is a function or a file; only its first line is a place. */
const statementLines = 8;

function linesOf({ line, lastLine }: FoundCode): [number, number] {
  return lastLine - line < statementLines ? [line, lastLine] : [line, line];
}

function isSame(a: FoundCode, b: FoundCode): boolean {
  const [[from, to], [first, last]] = [linesOf(a), linesOf(b)];
  return from <= last && first <= to && areRelated(a.cwe, b.cwe);
}

/**
 * Puts the findings of a further scanner beside those that are there. What lies in the same statement and is of the
 * same family of weaknesses is one finding, as severe as the most severe of them.
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
