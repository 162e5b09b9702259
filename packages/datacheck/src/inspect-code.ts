/** @file Insecure code in the answers of rows: one observation per weakness. */
import { type CodeSeverity, ruleOf, type Scanner } from "./codescan/index.ts";
import { type Evidence, type Observation, observe } from "./observation.ts";
import { findingOf, placeText, type Severity } from "./problem/index.ts";
import type { Part, Row } from "./row.ts";
import { builtin, type FoundCode } from "./sarif/found-code.ts";
import type { ScannerFailure } from "./sarif/scan-texts.ts";

const severityOf: Readonly<Record<CodeSeverity, Severity>> = {
  high: "error",
  medium: "warning",
  low: "note",
};
const heavier: readonly CodeSeverity[] = ["low", "medium", "high"];

interface Found {
  readonly row: Row;
  readonly finding: FoundCode;
}

/** A row with the findings in its answer. */
export interface ScannedRow {
  readonly row: Row;
  readonly found: readonly FoundCode[];
}

/**
 * `CODE_INSECURE`, once per weakness: every row with the line and the reason.
 *
 * A row counts once per weakness, by its most severe finding. The most severe weaknesses come first.
 */
export function inspectCode(part: Part, rows: readonly ScannedRow[]): Observation[] {
  const byWeakness = new Map<number, Found[]>();
  for (const { row, found } of rows) {
    const worst = new Map<number, FoundCode>();
    for (const finding of found) {
      const before = worst.get(finding.cwe);
      if (before === undefined || weight(finding) > weight(before)) worst.set(finding.cwe, finding);
    }
    for (const finding of worst.values()) {
      byWeakness.set(finding.cwe, [...(byWeakness.get(finding.cwe) ?? []), { row, finding }]);
    }
  }
  return [...byWeakness.values()]
    .map((found) => ({
      found,
      worst: found.reduce((a, b) => (weight(b.finding) > weight(a.finding) ? b : a)),
    }))
    .sort(
      (a, b) =>
        weight(b.worst.finding) - weight(a.worst.finding) ||
        b.found.length - a.found.length ||
        a.worst.finding.cwe - b.worst.finding.cwe,
    )
    .map(({ found, worst }) => observed(part, found, worst));
}

/** `CODE_SCANNER_FAILED`, once per failed scanner. */
export function failedScanners(failures: readonly ScannerFailure[]): Observation[] {
  return failures.map((failure) => {
    const about = { ...failure };
    return { finding: findingOf("CODE_SCANNER_FAILED", "error", about, [], 1), about, evidence: [] };
  });
}

/** `PACKAGE_MISSING`, once per missing package whose grammar would parse the code of some rows. */
export function missingGrammars(scanner: Scanner, rows: readonly Row[]): Observation[] {
  const byPackage = new Map<string, Row[]>();
  for (const row of rows) {
    for (const name of new Set(scanner.missingFor(row.answer)))
      byPackage.set(name, [...(byPackage.get(name) ?? []), row]);
  }
  return [...byPackage].map(([name, affected]) => {
    const about = {
      package: name,
      purpose: "Reading the code of rows by its grammar",
      reason: "not installed",
    };
    const reason = "the code is only checked line by line";
    return observe(
      "PACKAGE_MISSING",
      "warning",
      about,
      affected.map(({ place }) => ({ place, reason })),
    );
  });
}

function weight({ severity }: FoundCode): number {
  return heavier.indexOf(severity);
}

/** Whether only the built-in scanner reported it. */
function isFromHere({ sources }: FoundCode): boolean {
  return sources.length === 1 && sources[0] === builtin;
}

function observed(part: Part, found: readonly Found[], worst: Found): Observation {
  const { cwe } = worst.finding;
  const evidence = found.map(({ row, finding }): Evidence => {
    const { line, title, severity, sources, builtIn } = finding;
    const built = builtIn === undefined ? "" : `, put together in line ${builtIn}`;
    const by = isFromHere(finding) ? "" : ` (${sources.join(", ")})`;
    const reason = `CWE-${cwe} in line ${line} of the answer: ${title}${built}${by}`;
    // a missing protection may be intended, but code that attackers can exploit should not be learned
    const told = { place: row.place, reason, answerLine: line, sources };
    return severity === "high" ? { ...told, remedy: "drop" } : told;
  });
  const { finding, row } = worst;
  const byLines = found.every((one) => one.finding.certainty === "lines");
  const sources = [...new Set(found.flatMap((one) => one.finding.sources))];
  const others = found.every((one) => isFromHere(one.finding)) ? "" : ` (found by ${sources.join(", ")})`;
  const about = {
    split: part,
    cwe,
    weakness: finding.title,
    fix:
      ruleOf(finding.rule)?.fix ??
      `See the description of ${finding.rule}${finding.help ? `: ${finding.help}` : ""}`,
    first: placeText(row.place),
    by: `${byLines ? ", checked line by line" : ""}${others}`,
  };
  return observe("CODE_INSECURE", severityOf[finding.severity], about, evidence);
}
