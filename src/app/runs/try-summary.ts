/**
 * @file How a try stands in the record: as a run whose summary says what it is.
 */
import type { Decision } from "../../evaluate/index.ts";
import type { Run } from "../../run/index.ts";

/** What a try is known again by. */
export interface TrySummary {
  readonly kind: "arms";
  /** SHA-256 of arms, rows, documents and model: the same try again has the same. */
  readonly fingerprint: string;
  /** SHA-256 of what the decision rests on beside the answers. */
  readonly decided: string;
  /** What it came to; `null`: it has not ended, or was made before that was noted down. */
  readonly outcome: TryDecision | null;
}

/** The decision of a try, in short. */
export interface TryDecision extends Pick<Decision, "verdict" | "arm" | "isVoid"> {
  /** Ways that were compared. */
  readonly arms: number;
}

/** The summary of a try; `null`: the run is a training. */
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
