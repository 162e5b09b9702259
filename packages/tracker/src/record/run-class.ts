/**
 * @file Classifies a run of the built-in engine by its summary. The result is stored in columns whenever the summary
 * is.
 */
import type { RunKind, RunSummary, StopCause } from "@tunewise/core/run";

/** Values of the columns `kind`, `verdict` and `stopped_by`. */
export interface RunClass {
  readonly kind: RunKind;
  /** Verdict of a completed try; `null`: another kind of run, or no verdict. */
  readonly verdict: string | null;
  /** Why training ended before its last step; `null`: it did not, or another kind of run. */
  readonly stoppedBy: StopCause | null;
}

const kinds: Readonly<Record<RunSummary["kind"], RunKind>> = { train: "run", arms: "try", trial: "trial" };

/** Classifies a run by its summary. */
export function classOf(summary: RunSummary): RunClass {
  return {
    kind: kinds[summary.kind],
    verdict: summary.kind === "arms" ? (summary.outcome?.verdict ?? null) : null,
    stoppedBy: summary.kind === "train" ? (summary.stop?.by ?? null) : null,
  };
}
