/**
 * @file Findings as a line per code over all parts of the data, for a screen that is about something else.
 */
import type { Finding, Place, Severity } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { Paint } from "./paint.ts";
import { plain } from "./place.ts";
import { severityWord } from "./problem.ts";
import { wrap } from "./table.ts";

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/**
 * One line per code, errors first: how many rows it counts, or its sentence where it is about no row. Notes are not
 * there.
 *
 * @param columns of the terminal
 */
export function findingCounts(findings: readonly Finding[], paint: Paint, columns: number): string {
  const byCode = grouped(findings);
  const lines = [...byCode.values()]
    .map((same) => same.toSorted((a, b) => rank[a.severity] - rank[b.severity]))
    .filter(([first]) => first?.severity !== "note")
    .sort(([a], [b]) => rank[a?.severity ?? "note"] - rank[b?.severity ?? "note"])
    .flatMap((same) => lineOf(same, paint, columns));
  return lines.join("\n");
}

function grouped(findings: readonly Finding[]): Map<string, Finding[]> {
  const byCode = new Map<string, Finding[]>();
  for (const finding of findings) byCode.set(finding.code, [...(byCode.get(finding.code) ?? []), finding]);
  return byCode;
}

function lineOf(same: readonly Finding[], paint: Paint, columns: number): string[] {
  const [first] = same;
  if (first === undefined) return [];
  const lead = `${severityWord(first.severity, paint)} ${paint.bold(first.code)}: `;
  const [head = "", ...rest] = wrap(`${lead}${plain(factOf(same, first))}`, columns - 2);
  return [head, ...rest.map((line) => `  ${line}`)];
}

/** What names rows is counted; what names none has its numbers in its sentence, and says nothing without them. */
function factOf(same: readonly Finding[], first: Finding): string {
  const rows = same.reduce((sum, { where, count }) => sum + (where.some(isOfData) ? count : 0), 0);
  if (rows === 0) return first.detail;
  return `${first.title.charAt(0).toLowerCase()}${first.title.slice(1)}, ${countOf(rows, "row")}`;
}

/** A row of the data, not a line of the recipe. */
function isOfData({ row }: Place): boolean {
  return row !== undefined;
}
