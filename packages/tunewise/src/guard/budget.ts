/** @file The budget guard: stops a run before its next step would exceed a cap, in dollars or in minutes. */
import { cost, type Seconds, seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** Input of the budget guard. Amounts spent include every session of the run, also those before a resume. */
export interface BudgetState {
  /** Steps completed and planned, for the message. */
  readonly step: number;
  readonly steps: number;
  /** `null` if there is no such cap. */
  readonly capUsd: Usd | null;
  readonly capSeconds: Seconds | null;
  readonly spentUsd: Usd;
  readonly spentSeconds: Seconds;
  readonly priceUsdPerHour: Usd;
  /** Expected length of the next tick: one step, plus an evaluation if one is due. */
  readonly nextTickSeconds: Seconds;
  /** Reserved for the stop itself: writing the checkpoint. */
  readonly reserveSeconds: Seconds;
  /** Whether this guard has warned before; it warns once. */
  readonly warned: boolean;
}

/** Share of a cap at which the guard warns. */
export const budgetWarnShare = 0.8;

/**
 * Checks whether the next tick may start.
 *
 * Stops if the money spent, the next tick and the reserve together exceed a cap. Since it is called before every
 * tick, a run overshoots by at most the amount by which that tick and the checkpoint take longer than expected.
 *
 * @returns `stop` with both numbers and the cap that applies; `warn` once at 80 %; otherwise `go-on`
 */
export function checkBudget(state: BudgetState): Verdict {
  const meters = [moneyMeter(state), timeMeter(state)].filter((meter) => meter !== null);
  const crossed = meters.find((meter) => meter.next > meter.cap);
  if (crossed) {
    const sentence = stopSentence(state, crossed);
    return { act: "stop", by: "cap", guard: "budget", sentence, cap: crossed.kind };
  }
  const near = meters.find((meter) => meter.spent >= budgetWarnShare * meter.cap);
  if (near && !state.warned) return { act: "warn", guard: "budget", sentence: warnSentence(state, near) };
  return { act: "go-on" };
}

/** One cap, with all numbers in the same unit. */
interface Meter {
  readonly kind: "dollars" | "minutes";
  readonly cap: number;
  readonly spent: number;
  /** Spent after the next tick and the reserve. */
  readonly next: number;
  readonly text: (amount: number) => string;
}

function moneyMeter(state: BudgetState): Meter | null {
  if (state.capUsd === null) return null;
  const ahead = cost(state.priceUsdPerHour, seconds(state.nextTickSeconds + state.reserveSeconds));
  const next = state.spentUsd + ahead;
  return {
    kind: "dollars",
    cap: state.capUsd,
    spent: state.spentUsd,
    next,
    text: (amount) => usdText(amount as Usd),
  };
}

function timeMeter(state: BudgetState): Meter | null {
  if (state.capSeconds === null) return null;
  const next = state.spentSeconds + state.nextTickSeconds + state.reserveSeconds;
  return {
    kind: "minutes",
    cap: state.capSeconds,
    spent: state.spentSeconds,
    next,
    text: (amount) => secondsText(seconds(amount)),
  };
}

function stopSentence(state: BudgetState, meter: Meter): string {
  const place = `at step ${state.step} of ${state.steps}`;
  const used = `${meter.text(meter.spent)} of the ${meter.text(meter.cap)} cap`;
  if (meter.spent > meter.cap) {
    return `Stopped ${place}: ${used} are spent, ${meter.text(meter.spent - meter.cap)} over.`;
  }
  const ahead = meter.text(meter.next - meter.spent);
  const next = `the next step with its checkpoint (about ${ahead})`;
  return `Stopped ${place}: ${used} are spent, and ${next} would cross it.`;
}

function warnSentence(state: BudgetState, meter: Meter): string {
  const share = meter.cap > 0 ? Math.floor((100 * meter.spent) / meter.cap) : 100;
  const used = `${meter.text(meter.spent)} of the ${meter.text(meter.cap)} cap`;
  return `${used} (${share} %) are spent at step ${state.step} of ${state.steps}.${outlook(state, meter)}`;
}

/** Whether the remaining steps fit at the current pace. */
function outlook(state: BudgetState, meter: Meter): string {
  if (state.step === 0) return "";
  const whole = (meter.spent / state.step) * state.steps;
  if (whole <= meter.cap) return ` At this pace the run ends at about ${meter.text(whole)}.`;
  const last = Math.max(state.step, Math.floor((meter.cap / meter.spent) * state.step));
  return ` At this pace the cap stops it near step ${last}.`;
}
