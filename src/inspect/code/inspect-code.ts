/**
 * @file Insecure code in rows: one finding for each weakness, with every row that shows it.
 */
import { placeText, type Severity } from "../../problem/index.ts";
import { type Evidence, type Observation, observe } from "../observation.ts";
import type { Row } from "../row.ts";
import { weaknessName } from "./cwe.ts";
import type { CodeFinding } from "./finding.ts";
import type { CodeSeverity } from "./rule.ts";
import type { Scanner } from "./scan.ts";
import { scanText } from "./scan-text.ts";

const severityOf: Readonly<Record<CodeSeverity, Severity>> = {
  high: "error",
  medium: "warning",
  low: "note",
};
const order: readonly Severity[] = ["error", "warning", "note"];

/** What rows show of one weakness. */
interface Group {
  readonly cwe: number;
  readonly side: "answer" | "prompt";
  readonly severity: Severity;
  /** Of the first row's rule. */
  readonly title: string;
  readonly evidence: Evidence[];
  findings: number;
}

/**
 * Scans the code of all rows: what the model is to write, and what it is asked, which is only noted.
 *
 * Codes: `CODE_INSECURE`, once for each weakness, severity and side, the gravest first.
 */
export function inspectCode(rows: readonly Row[], scanner: Scanner): Observation[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    gather(groups, row, "answer", scanText(scanner, row.answer));
    gather(groups, row, "prompt", scanText(scanner, row.prompt));
  }
  return [...groups.values()]
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || a.cwe - b.cwe)
    .map((group) => observation(group));
}

function gather(
  groups: Map<string, Group>,
  row: Row,
  side: Group["side"],
  found: readonly CodeFinding[],
): void {
  const inRow = new Map<string, CodeFinding[]>();
  for (const one of found) {
    const severity = side === "prompt" ? "note" : severityOf[one.severity];
    const key = `${severity} ${side} ${one.cwe}`;
    const held = inRow.get(key);
    if (held === undefined) inRow.set(key, [one]);
    else held.push(one);
    if (!groups.has(key)) {
      const { cwe, title } = one;
      groups.set(key, { cwe, side, severity, title, evidence: [], findings: 0 });
    }
  }
  for (const [key, ones] of inRow) {
    const group = groups.get(key);
    if (group === undefined) continue;
    group.findings += ones.length;
    group.evidence.push(evidenceOf(row, group, ones));
  }
}

function evidenceOf({ place }: Row, { side, severity, cwe }: Group, found: readonly CodeFinding[]): Evidence {
  const [first] = found;
  const more = found.length > 1 ? `, and ${found.length - 1} more` : "";
  const reason = `line ${first?.line ?? 1} of the ${side}: CWE-${cwe}, ${first?.title ?? ""}${more}`;
  return { place, reason, ...(severity === "error" ? { remedy: "drop" as const } : {}) };
}

function observation({ cwe, side, severity, title, evidence, findings }: Group): Observation {
  const [first] = evidence;
  const about = {
    ...{ cwe: `CWE-${cwe}`, weakness: weaknessName(cwe, title), side, findings },
    first: first === undefined ? "" : `${placeText(first.place)}, ${first.reason}`,
  };
  return observe("CODE_INSECURE", severity, about, evidence);
}
