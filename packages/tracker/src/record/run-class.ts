/** @file What a run of this engine is, by its summary: written into columns whenever the summary is. */
import type { RunKind, RunSummary, StopCause } from "@tunewise/core/run";

/** Values of the columns `kind`, `verdict` and `stopped_by`. */
export interface RunClass {
  readonly kind: RunKind;
  /** Decision of a completed try; `null`: another run, or a try without one. */
  readonly verdict: string | null;
  /** Why a training ended before its last step; `null`: it did not, or another run. */
  readonly stoppedBy: StopCause | null;
}

const kinds: Readonly<Record<RunSummary["kind"], RunKind>> = { train: "run", arms: "try", trial: "trial" };

/** The class of a run with this summary. */
export function classOf(summary: RunSummary): RunClass {
  return {
    kind: kinds[summary.kind],
    verdict: summary.kind === "arms" ? (summary.outcome?.verdict ?? null) : null,
    stoppedBy: summary.kind === "train" ? (summary.stop?.by ?? null) : null,
  };
}
