/** @file Determines why a training ended before its last step, from its controller's decisions. */
import type { RecordedVerdict, RunStatus, RunStop } from "@tunewise/core/run";
import { stopBy } from "@tunewise/core/run";
import { capsOf, type RunSession, secondsLeft } from "./session.ts";

/** What the controller of a training knows at its end. */
export interface EndFacts {
  readonly status: Exclude<RunStatus, "running">;
  readonly step: number;
  /** Verdicts of this session. Earlier verdicts ended earlier sessions. */
  readonly guards: readonly RecordedVerdict[];
  /** Who interrupted the training; `null` if nobody did. */
  readonly interruptedBy: "person" | "machine" | null;
}

/** Returns the stop with its cap or guard; `null` for a training that reached its last step. */
export function stopOf(
  { status, step, guards, interruptedBy }: EndFacts,
  session: Pick<RunSession, "recipe" | "meter" | "start">,
): RunStop | null {
  const place = { step, steps: session.start.steps };
  switch (status) {
    case "completed":
      return null;
    case "failed":
      return stopBy("fault", { ...place, reason: "the loss is NaN or infinite" });
    case "interrupted":
      return stopBy(interruptedBy ?? "person", place);
    case "stopped":
      return { ...stopOfVerdict(guards, session), ...place };
  }
}

/**
 * Derives the stop from the last verdict. An execution without its controller stops at its time limit, without a
 * verdict.
 */
function stopOfVerdict(guards: EndFacts["guards"], session: Pick<RunSession, "recipe" | "meter">): RunStop {
  const verdict = guards.findLast(({ verdict: { act } }) => act === "stop")?.verdict;
  if (verdict?.act !== "stop") return stopBy("cap", { cap: capOf(tightestCap(session), session) });
  const { by, guard, sentence, cap } = verdict;
  if (by === "guard") return stopBy(by, { guard });
  if (cap !== undefined) return stopBy(by, { cap: capOf(cap, session) });
  return stopBy(by, { reason: sentence.replace(/^Stopped: /, "") });
}

function tightestCap({ recipe, meter }: Pick<RunSession, "recipe" | "meter">): "dollars" | "minutes" {
  const { capSeconds } = capsOf(recipe);
  const isTime = capSeconds !== null && capSeconds - meter.spentSeconds <= secondsLeft({ recipe, meter });
  return isTime ? "minutes" : "dollars";
}

function capOf(kind: "dollars" | "minutes", { recipe }: Pick<RunSession, "recipe">): RunStop["cap"] {
  const { capUsd, capSeconds } = capsOf(recipe);
  const limit = kind === "dollars" ? capUsd : capSeconds;
  return limit === null ? null : { kind, limit };
}
