/**
 * @file How a trial of a search stands in the record: as a run whose summary says so, until it is trained to the end
 * and judged as any other.
 */
import type { Run } from "../../run/index.ts";
import { tryOf } from "./try-summary.ts";

/** What a trial is known again by. */
export interface TrialSummary {
  readonly kind: "trial";
  /** Id of the search. */
  readonly search: string;
  /** Number of the trial in it. */
  readonly trial: number;
  /** Share of the rows that it was trained on, where that is not all of them. */
  readonly slice?: number;
}

/** The summary of a trial; `null`: the run is something else. */
export function trialOf({ summary }: Pick<Run, "summary">): TrialSummary | null {
  try {
    const { kind, search, trial, slice } = JSON.parse(summary) as Partial<TrialSummary>;
    const isTrial = kind === "trial" && typeof search === "string" && typeof trial === "number";
    if (!isTrial) return null;
    return typeof slice === "number" ? { kind, search, trial, slice } : { kind, search, trial };
  } catch {
    return null;
  }
}

/** Whether a run trained for its own sake: it is neither a try of arms nor a trial of a search. */
export function isTraining(run: Pick<Run, "summary">): boolean {
  return tryOf(run) === null && trialOf(run) === null;
}
