/**
 * @file From what a guard found to what is to be done, and what that saves.
 */
import { type Seconds, secondsText, type Usd, usdText } from "../quantity/index.ts";
import type { Verdict } from "../run/index.ts";

/** Guards that look at the curves of a run, by the name under which a recipe sets them and a person overrules them. */
export const curveGuards = [
  "divergence",
  "learning",
  "overfitting",
  "doomed",
  "plateau",
  "too-good",
  "gradients",
] as const;

/** One of them. */
export type CurveGuard = (typeof curveGuards)[number];

/** What a recipe lets a guard do. */
export type GuardMode = "off" | "warn" | "stop" | "roll-back";

/** What a guard found: a sentence with the numbers it rests on. What is done about it is another matter. */
export interface Evidence {
  readonly guard: CurveGuard;
  readonly sentence: string;
  /** First step of what is wrong; what was saved before it is good. */
  readonly since: number;
  /** Worth a warning and no more, whatever the recipe allows. */
  readonly isHint: boolean;
}

/** How a run stands when a guard speaks. */
export interface Outlook {
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  /** What the steps left would take. */
  readonly leftSeconds: Seconds;
  readonly leftUsd: Usd;
  /** Step whose checkpoint becomes the result; `null`: there is none. */
  readonly keptStep: number | null;
  /** The share of the learning rate that a run goes on with after a roll-back; `null`: there was one already. */
  readonly rollBack: { readonly rateShare: number } | null;
}

/** What a guard has warned of so far. */
export type Warned = "nothing" | "hint" | "finding";

/** What the gravest warning of a guard among these verdicts was. */
export function warnedOf(verdicts: readonly Verdict[], guard: CurveGuard): Warned {
  const hints = verdicts.flatMap((verdict) =>
    verdict.act === "warn" && verdict.guard === guard ? [verdict.isHint ?? false] : [],
  );
  if (hints.length === 0) return "nothing";
  return hints.includes(false) ? "finding" : "hint";
}

/**
 * What is to be done about what a guard found.
 *
 * @param said what the guard has warned of before: a hint is said once, and what is more than a hint once after it
 * @returns `roll-back` where the recipe wants one and there was none yet, `stop` where it may stop and there are steps
 * left, `warn` once, else `go-on`
 */
export function actOn(evidence: Evidence, mode: GuardMode, outlook: Outlook, said: Warned): Verdict {
  const { guard, isHint, sentence } = evidence;
  if (mode === "off") return { act: "go-on" };
  const { rollBack, step, steps } = outlook;
  const canRollBack = mode === "roll-back" && rollBack !== null;
  // after the last step there is nothing to save, but another way to go
  const isOver = step >= steps && !canRollBack;
  if (mode === "warn" || isHint || isOver) {
    if (said === "finding" || (said === "hint" && isHint)) return { act: "go-on" };
    return { act: "warn", guard, sentence, ...(isHint ? { isHint } : {}) };
  }
  if (canRollBack) {
    return { act: "roll-back", guard, sentence: rollBackSentence(evidence, outlook, rollBack) };
  }
  return { act: "stop", guard, sentence: stopSentence(evidence, outlook) };
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
