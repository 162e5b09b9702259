/**
 * @file From how many answers on training pays for itself.
 */
import { quantile } from "../../math/index.ts";
import type { ArmDraws, Worlds } from "./draws.ts";

/** Answers after which a tuned arm has cost less than another; `null` stands for never. */
export interface BreakEven {
  readonly arm: string;
  readonly against: string;
  readonly low: number | null;
  readonly expected: number | null;
  readonly high: number | null;
  /** Share of worlds in which an answer of the tuned arm is not cheaper, so that the day never comes. */
  readonly neverShare: number;
}

/**
 * Extra dollars to get there and to keep it up, over dollars saved per answer, in every world.
 *
 * @param arm place of the tuned arm, and its name
 */
export function breakEven(
  worlds: Worlds,
  arm: readonly [at: number, name: string],
  against: readonly [at: number, name: string],
): BreakEven {
  const [one, other] = [worlds.arms[arm[0]] as ArmDraws, worlds.arms[against[0]] as ArmDraws];
  const answers = new Float64Array(worlds.count);
  let never = 0;
  for (let draw = 0; draw < worlds.count; draw++) {
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
    ...{ arm: arm[1], against: against[1] },
    ...{ low: at(0.05), expected: at(0.5), high: at(0.95), neverShare: never / worlds.count },
  };
}
