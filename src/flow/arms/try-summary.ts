/**
 * @file How a try stands in the record: as a run whose summary says what it is.
 */
import type { Run } from "../../run/index.ts";

/** What a try is known again by. */
export interface TrySummary {
  readonly kind: "arms";
  /** SHA-256 of arms, rows, documents and model: the same try again has the same. */
  readonly fingerprint: string;
  /** SHA-256 of what the decision rests on beside the answers. */
  readonly decided: string;
}

/** The summary of a try; `null`: the run is a training. */
export function tryOf({ summary }: Pick<Run, "summary">): TrySummary | null {
  try {
    const value = JSON.parse(summary) as Partial<TrySummary>;
    return value.kind === "arms" && typeof value.fingerprint === "string"
      ? { kind: "arms", fingerprint: value.fingerprint, decided: String(value.decided ?? "") }
      : null;
  } catch {
    return null;
  }
}
