/**
 * @file Makes a finding in the words of the catalog.
 */
import type { ProblemCode } from "./catalog/index.ts";
import type { Finding, Severity } from "./finding.ts";
import { problem } from "./make.ts";
import type { Place } from "./problem.ts";

/** How many places a finding shows; its count says how many there are. */
export const placesShown = 5;

/**
 * A finding worded by the problem catalog.
 *
 * @param about numbers and names for the sentences
 * @param where places concerned; the first few are kept
 * @param count how many there are in all
 */
export function findingOf(
  code: ProblemCode,
  severity: Severity,
  about: Readonly<Record<string, string | number>>,
  where: readonly Place[],
  count: number,
): Finding {
  const worded = problem(code, about);
  return {
    ...{ code, severity, title: worded.kind.title, detail: worded.message },
    ...{ where: where.slice(0, placesShown), count, fix: worded.fix },
  };
}

/** `data.jsonl:7`, as in compilers' messages; `data.parquet row 7` where a file has no lines. */
export function placeText({ file, row, line, column }: Place): string {
  if (line !== undefined) return [file, line, column].filter((part) => part !== undefined).join(":");
  return row === undefined ? file : `${file} row ${row}`;
}

/** Tells rows apart, two in one line too. */
export function placeKey({ file, row, line }: Place): string {
  return `${row ?? line ?? 0}:${file}`;
}
