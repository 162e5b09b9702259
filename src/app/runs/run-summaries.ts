/** @file Summaries that tell tries and search trials from trainings: both are recorded as runs. */
import type { Decision } from "../../evaluate/index.ts";
import type { Run } from "../../run/index.ts";

/** Identity of a try. */
export interface TrySummary {
  readonly kind: "arms";
  /** SHA-256 of arms, rows, documents and model; equal for the same try. */
  readonly fingerprint: string;
  /** SHA-256 of what the decision depends on beside the answers. */
  readonly decided: string;
  /** Decision; `null` if unfinished, or made before decisions were recorded. */
  readonly outcome: TryDecision | null;
}

/** The decision of a try, in short. */
export interface TryDecision extends Pick<Decision, "verdict" | "arm" | "isVoid"> {
  /** Number of compared arms. */
  readonly arms: number;
}

/** The summary of a try; `null` for other runs. */
export function tryOf({ summary }: Pick<Run, "summary">): TrySummary | null {
  try {
    const value = JSON.parse(summary) as Readonly<Record<string, unknown>>;
    const { kind, fingerprint, decided = "" } = value;
    return kind === "arms" && typeof fingerprint === "string"
      ? { kind: "arms", fingerprint, decided: String(decided), outcome: outcomeIn(value) }
      : null;
  } catch {
    return null;
  }
}

function outcomeIn(summary: Readonly<Record<string, unknown>>): TryDecision | null {
  const { verdict, arm = null, is_void: isVoid = false, arms } = summary;
  if (typeof verdict !== "string" || !verdicts.has(verdict)) return null;
  return {
    verdict: verdict as Decision["verdict"],
    arm: typeof arm === "string" ? arm : null,
    isVoid: isVoid === true,
    arms: typeof arms === "number" ? arms : 0,
  };
}

const verdicts: ReadonlySet<string> = new Set([
  ...([
    "tune",
    "do-not-tune",
    "fix-retrieval-first",
    "collect-more-rows",
    "undecided",
  ] satisfies Decision["verdict"][]),
]);

/** Identity of a trial. */
export interface TrialSummary {
  readonly kind: "trial";
  /** Id of the search. */
  readonly search: string;
  /** Number of the trial in it. */
  readonly trial: number;
  /** Fraction of the rows that it trains on; absent for all rows. */
  readonly slice?: number;
}

/** The summary of a trial, which identifies it until it is trained to the end; `null` for other runs. */
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

/** Whether a run is a training: neither a try nor a trial of a search. */
export function isTraining(run: Pick<Run, "summary">): boolean {
  return tryOf(run) === null && trialOf(run) === null;
}
