/** @file Turns the evidence of a guard into a verdict, and states the time and money that an early stop saves. */
import { type Seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** Guards on the curves of a run, named as in recipes and in `--overrule`. */
export const curveGuards = [
  "divergence",
  "no-progress",
  "overfitting",
  "futility",
  "plateau",
  "leakage-suspected",
  "gradients",
] as const;

/** Name of a curve guard. */
export type CurveGuard = (typeof curveGuards)[number];

/** What a recipe allows a guard to do. */
export type GuardMode = "off" | "warn" | "stop" | "roll-back";

/** Evidence found by a guard: a sentence with the numbers behind it. The action is decided separately. */
export interface Evidence {
  readonly guard: CurveGuard;
  readonly sentence: string;
  /** First step that is affected; checkpoints saved before it are good. */
  readonly since: number;
  /** Causes at most a warning, whatever the recipe allows. */
  readonly isHint: boolean;
}

/** State of a run when a guard reports. */
export interface Outlook {
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  /** Estimated time of the remaining steps. */
  readonly leftSeconds: Seconds;
  readonly leftUsd: Usd;
  /** Step of the checkpoint that becomes the result, or `null` if there is none. */
  readonly keptStep: number | null;
  /** Factor on the learning rate after a rollback; `null` if the run was rolled back before. */
  readonly rollBack: { readonly rateShare: number } | null;
}

/** The most severe warning of a guard so far. */
export type Warned = "nothing" | "hint" | "finding";

/** Returns the most severe warning of a guard among these verdicts. */
export function severestWarning(verdicts: readonly Verdict[], guard: CurveGuard): Warned {
  const hints = verdicts.flatMap((verdict) =>
    verdict.act === "warn" && verdict.guard === guard ? [verdict.isHint ?? false] : [],
  );
  if (hints.length === 0) return "nothing";
  return hints.includes(false) ? "finding" : "hint";
}

/**
 * Decides what to do about the evidence of a guard.
 *
 * @param said the guard's most severe warning so far: a hint is reported once, and a finding once, even after a hint
 * @returns `roll-back` if the recipe allows it and the run was not rolled back before, `stop` if the guard may stop
 *   and steps remain, `warn` once, otherwise `go-on`
 */
export function actOn(evidence: Evidence, mode: GuardMode, outlook: Outlook, said: Warned): Verdict {
  const { guard, isHint, sentence } = evidence;
  if (mode === "off") return { act: "go-on" };
  const { rollBack, step, steps } = outlook;
  const canRollBack = mode === "roll-back" && rollBack !== null;
  // a stop after the last step saves nothing, but a rollback can still help
  const isOver = step >= steps && !canRollBack;
  if (mode === "warn" || isHint || isOver) {
    if (said === "finding" || (said === "hint" && isHint)) return { act: "go-on" };
    return { act: "warn", guard, sentence, ...(isHint ? { isHint } : {}) };
  }
  if (canRollBack) {
    return { act: "roll-back", guard, sentence: rollBackSentence(evidence, outlook, rollBack) };
  }
  return { act: "stop", by: "guard", guard, sentence: stopSentence(evidence, outlook) };
}

function rollBackSentence(
  { sentence, since }: Evidence,
  { step, steps }: Outlook,
  { rateShare }: NonNullable<Outlook["rollBack"]>,
): string {
  return (
    `Rolled back at step ${step} of ${steps}: ${sentence} The run goes on from its last state before step ${since} ` +
    `with ${rateShare} of the learning rate and the same rows; if it happens again, it stops.`
  );
}

function stopSentence({ guard, sentence }: Evidence, outlook: Outlook): string {
  const { run, step, steps, keptStep } = outlook;
  const kept =
    keptStep === null ? "No checkpoint was saved before." : `The checkpoint of step ${keptStep} is kept.`;
  const overrule = `Against its word: tunewise resume ${run} --overrule ${guard}`;
  return `Stopped at step ${step} of ${steps}: ${sentence} ${savedSentence(outlook)} ${kept} ${overrule}`;
}

/** `The 99 steps left would have taken about 12 min and $0.10.` */
function savedSentence({ step, steps, leftSeconds, leftUsd }: Outlook): string {
  const money = leftUsd > 0 ? ` and ${usdText(leftUsd)}` : "";
  const left = steps - step === 1 ? "The step" : `The ${steps - step} steps`;
  return `${left} left would have taken about ${secondsText(leftSeconds)}${money}.`;
}
