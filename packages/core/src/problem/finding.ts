/** @file A finding: one observation with its evidence, its fix and the places that it affects. */
import type { Place } from "./problem.ts";

/** Max. places that a finding lists; its count gives the total. */
export const placesShown = 5;

/** `data.jsonl:7`, as in compiler messages; `data.parquet row 7` if the file has no lines. */
export function placeText({ file, row, line, column }: Place): string {
  if (line !== undefined) return [file, line, column].filter((part) => part !== undefined).join(":");
  return row === undefined ? file : `${file} row ${row}`;
}

/** Distinguishes rows, even two on one line. */
export function placeKey({ file, row, line }: Place): string {
  return `${row ?? line ?? 0}:${file}`;
}

/** `error` blocks a run, `warning` asks for review, `note` informs. */
export type Severity = "error" | "warning" | "note";

/**
 * One observation with its evidence and its fix. Checks collect all and never stop at the first.
 *
 * @example
 * import { checkData } from "tunewise/check";
 * import { type Finding, loadRecipe } from "tunewise/plan";
 *
 * const textOf = ({ code, severity, count }: Finding): string => `${severity} ${code} ${count}`;
 * const { findings } = await checkData(await loadRecipe("tunewise.yaml"));
 * console.log(findings.map(textOf)[0]); // warning DATA_JSON_INVALID 1
 */
export interface Finding {
  /** Upper snake, subject first: `DATA_ROW_UNUSABLE`. */
  readonly code: string;
  readonly severity: Severity;
  /** Title in a few words. */
  readonly title: string;
  /** One sentence with the numbers. */
  readonly detail: string;
  /** Affected places, at most a few; `count` gives the total. */
  readonly where: readonly Place[];
  readonly count: number;
  /** The action to take. */
  readonly fix: string;
}
