/** @file Break-even: the number of answers after which training has paid for itself. */
import { quantile } from "@tunewise/core/math";
import type { ArmDraws, Simulations } from "./draws.ts";

/** Number of answers after which a tuned arm has cost less than another; `null` means never. */
export interface BreakEven {
  readonly arm: string;
  readonly against: string;
  readonly low: number | null;
  readonly expected: number | null;
  readonly high: number | null;
  /** Share of simulations in which an answer of the tuned arm is not cheaper, so that it never breaks even. */
  readonly neverShare: number;
}

/**
 * Extra upfront and monthly dollars divided by dollars saved per answer, in every simulation.
 *
 * @param arm index and name of the tuned arm
 */
export function breakEven(
  simulations: Simulations,
  arm: readonly [at: number, name: string],
  against: readonly [at: number, name: string],
): BreakEven {
  const [one, other] = [simulations.arms[arm[0]] as ArmDraws, simulations.arms[against[0]] as ArmDraws];
  const answers = new Float64Array(simulations.count);
  let never = 0;
  for (let draw = 0; draw < simulations.count; draw++) {
    const extra = (one.fixedUsd[draw] ?? 0) - (other.fixedUsd[draw] ?? 0);
    const saving = (other.usdPerAnswer[draw] ?? 0) - (one.usdPerAnswer[draw] ?? 0);
    if (saving <= 0) never++;
    answers[draw] = saving > 0 ? Math.max(0, extra / saving) : Number.POSITIVE_INFINITY;
  }
  answers.sort();
  const at = (share: number): number | null => {
    const value = quantile(answers, share);
    return Number.isFinite(value) ? Math.ceil(value) : null;
  };
  return {
    arm: arm[1],
    against: against[1],
    low: at(0.05),
    expected: at(0.5),
    high: at(0.95),
    neverShare: never / simulations.count,
  };
}
