/** @file Applies the severities that the recipe sets for findings. */
import type { Observation } from "@tunewise/datacheck";
import type { Finding, Severity } from "../problem/index.ts";
import type { ChecksSection } from "../recipe/index.ts";

/** Applies the recipe's severities to findings, and drops those that it ignores. */
export function gradeFindings(findings: readonly Finding[], checks: ChecksSection): Finding[] {
  const graded = gradesOf(checks);
  return findings.flatMap((finding) => {
    const grade = graded.get(finding.code) ?? finding.severity;
    return grade === "ignore" ? [] : [{ ...finding, severity: grade }];
  });
}

/** Applies the recipe's severities to observations. */
export function gradeObservations(
  observations: readonly Observation[],
  checks: ChecksSection,
): Observation[] {
  return observations.flatMap((one) =>
    gradeFindings([one.finding], checks).map((finding) => ({ ...one, finding })),
  );
}

function gradesOf(checks: ChecksSection): ReadonlyMap<string, Severity | "ignore"> {
  const grades = new Map<string, Severity | "ignore">();
  for (const grade of ["warning", "error", "ignore"] as const) {
    for (const code of checks[grade]) grades.set(code, grade);
  }
  return grades;
}

/** Deduplicates findings without a location, such as those about the whole data set, which occur in each part. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>();
  return findings.filter(({ code, detail, where }) => {
    const sentence = `${code} ${detail}`;
    if (where.length > 0 || !said.has(sentence)) {
      said.add(sentence);
      return true;
    }
    return false;
  });
}
