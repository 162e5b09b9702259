/**
 * @file Why a run ended before its last step: a closed set of causes, transmitted as data, and the only function that
 * describes one in words.
 */
import { type Usd, usdText } from "../quantity/index.ts";

/**
 * Causes that stop runs and commands:
 *
 * - `cap`: a cap in dollars or minutes, of the run itself or of a budget shared by several runs
 * - `guard`: a guard on its curves, its forgetting or its silence
 * - `person`: Ctrl-C, `tunewise runs stop`, the page, or a tracking client
 * - `search`: the search that the run is a trial of
 * - `machine`: its machine, worker or lease is lost, or its scheduler ends it
 * - `fault`: an error, or a loss that is NaN or infinite
 */
export const stopCauses = ["cap", "guard", "person", "search", "machine", "fault"] as const;

/** Name of a cause, as in records and in JSON (`stopped_by`). */
export type StopCause = (typeof stopCauses)[number];

/** The cap that a run has reached; its limit is in micro-dollars or seconds. */
export interface ReachedCap {
  readonly kind: "dollars" | "minutes";
  readonly limit: number;
}

/** Why a run stopped, and after which step. */
export interface RunStop {
  readonly by: StopCause;
  /** The run's own cap, for `cap`; `null`: a shared budget, or unknown. */
  readonly cap: ReachedCap | null;
  /** Name of the guard, for `guard`. */
  readonly guard: string | null;
  /** The reason given by a person, a budget or an error message; `null`: none. */
  readonly reason: string | null;
  /** Completed and planned steps; `null` for a command, which has no steps. */
  readonly step: number | null;
  readonly steps: number | null;
}

/** Creates a stop of which at least the cause is known. */
export function stopBy(by: StopCause, known: Partial<Omit<RunStop, "by">> = {}): RunStop {
  return {
    by,
    cap: null,
    guard: null,
    reason: null,
    step: null,
    steps: null,
    ...known,
  };
}

/** `Stopped at the 25-minute cap (step 36 of 80)`, without a full stop so that callers can append to it. */
export function stopText(stop: RunStop): string {
  return `${causeText(stop)}${placeText(stop)}`;
}

function causeText({ by, cap, guard, reason }: RunStop): string {
  const because = reason === null ? "" : `: ${reason.replace(/\.$/, "")}`;
  switch (by) {
    case "cap":
      return cap === null ? `Stopped at a cap${because}` : `Stopped at the ${capText(cap)} cap`;
    case "guard":
      return guard === null ? `Stopped by a guard${because}` : `Stopped by the guard \`${guard}\``;
    case "person":
      return `Stopped by a person${because}`;
    case "search":
      return `Stopped by its search${because}`;
    case "machine":
      return `Stopped because its machine was lost${because}`;
    case "fault":
      return `Failed${because}`;
  }
}

/** `25-minute`, `90-second`, `$20.00`. */
function capText({ kind, limit }: ReachedCap): string {
  if (kind === "dollars") return usdText(limit as Usd);
  return limit % 60 === 0 || limit > 600
    ? `${Number((limit / 60).toFixed(1))}-minute`
    : `${Number(limit.toPrecision(3))}-second`;
}

function placeText({ step, steps }: RunStop): string {
  if (step === null) return "";
  return steps === null ? ` (step ${step})` : ` (step ${step} of ${steps})`;
}

/** Names in verdicts that do not denote guards, and their text. */
const notGuards: ReadonlyMap<string, string> = new Map([
  ["budget", "budget cap"],
  ["shared-budget", "shared budget"],
  ["request", "stop request"],
]);

/** Origin of a verdict: `budget cap`, `guard plateau`. */
export function speakerText(guard: string): string {
  return notGuards.get(guard) ?? `guard ${guard}`;
}
