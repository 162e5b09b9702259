/**
 * @file How grave a finding is, where the recipe says otherwise.
 */
import type { Observation } from "../inspect/index.ts";
import type { Finding, Severity } from "../problem/index.ts";
import type { ChecksSection } from "../recipe/index.ts";

/** Findings as the recipe grades them: without those that it ignores. */
export function gradeFindings(findings: readonly Finding[], checks: ChecksSection): Finding[] {
  const graded = gradesOf(checks);
  return findings.flatMap((finding) => {
    const grade = graded.get(finding.code) ?? finding.severity;
    return grade === "ignore" ? [] : [{ ...finding, severity: grade }];
  });
}

/** The same for observations. */
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
