/**
 * @file Findings as a line per code over all parts of the data, for a screen that is about something else.
 */
import type { Finding, Severity } from "../../problem/index.ts";
import type { Paint } from "./paint.ts";
import { plain } from "./place.ts";
import { severityWord } from "./problem.ts";
import { width, wrap } from "./table.ts";

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/**
 * One line per code, errors first: its title and how many rows it counts. Notes are counted alone.
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
  const rows = same.reduce((sum, { where, count }) => sum + (where.length > 0 ? count : 0), 0);
  const counted = rows === 0 ? "" : `, ${rows} row${rows === 1 ? "" : "s"}`;
  const title = plain(first.title.charAt(0).toLowerCase() + first.title.slice(1));
  const lead = `${severityWord(first.severity, paint)} ${paint.bold(first.code)}: `;
  // what names no row has its numbers in its sentence
  const sentence = `${lead}${plain(first.detail)}`;
  if (rows === 0 && width(sentence) <= columns) return [sentence];
  const text = `${lead}${title}${counted}`;
  if (width(text) <= columns) return [text];
  const [head = "", ...rest] = wrap(text, columns - 2);
  return [head, ...rest.map((line) => `  ${line}`)];
}
