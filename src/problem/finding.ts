/**
 * @file Something expected about the user's data, plan or run: a value, never thrown.
 */
import type { Place } from "./problem.ts";

/** `error` blocks a run, `warning` asks for a look, `note` informs. */
export type Severity = "error" | "warning" | "note";

/** One observation with its evidence and its fix. Checks collect all and never stop at the first. */
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
