/** @file One observation with its evidence and its fix, and the places that it names. */
import type { Place } from "./problem.ts";

/** How many places a finding shows; its count says how many there are. */
export const placesShown = 5;

/** `data.jsonl:7`, as in compilers' messages; `data.parquet row 7` where a file has no lines. */
export function placeText({ file, row, line, column }: Place): string {
  if (line !== undefined) return [file, line, column].filter((part) => part !== undefined).join(":");
  return row === undefined ? file : `${file} row ${row}`;
}

/** Tells rows apart, two in one line too. */
export function placeKey({ file, row, line }: Place): string {
  return `${row ?? line ?? 0}:${file}`;
}

/** `error` blocks a run, `warning` asks for a look, `note` informs. */
export type Severity = "error" | "warning" | "note";

/**
 * One observation with its evidence and its fix. Checks collect all and never stop at the first.
 *
 * @example
 * import { checkData } from "tunewise/check";
 * import { createRuntime, type Finding, loadRecipe } from "tunewise/plan";
 *
 * const textOf = ({ code, severity, count }: Finding): string => `${severity} ${code} ${count}`;
 * const runtime = createRuntime();
 * const { findings } = await checkData(await loadRecipe("tunewise.yaml", runtime), runtime);
 * console.log(findings.map(textOf)[0]); // warning DATA_JSON_INVALID 1
 */
export interface Finding {
  /** Upper snake, subject first: `DATA_ROW_UNUSABLE`. */
  readonly code: string;
  readonly severity: Severity;
  /** A few words. */
  readonly title: string;
  /** One sentence with the numbers. */
  readonly detail: string;
  /** Places concerned, at most a few; `count` says how many there are in all. */
  readonly where: readonly Place[];
  readonly count: number;
  /** One thing to do. */
  readonly fix: string;
}
