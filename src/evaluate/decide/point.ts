/**
 * @file The decision by expected values alone: not what is said, but what shows where it would turn.
 */
import { dollars, usd } from "../../quantity/index.ts";
import type { DecisionArm, DecisionInput, Objective } from "./input.ts";
import { isPreferred, referencesOf, type Standing } from "./prefer.ts";
import { meanOf } from "./table.ts";
import type { Eligible } from "./weigh.ts";

/** What is turned, one at a time; 1 and 0 leave things as they are. */
export interface Knobs {
  readonly answersPerMonth: number;
  readonly tunedPrice: number;
  readonly othersPrice: number;
  /** Added to the quality of tuned arms. */
  readonly tunedQuality: number;
  /** Factor on what a correct answer is worth. */
  readonly worth: number;
}

/** Verdict by expected values. */
export type PointVerdict = "tune" | "do-not-tune" | "neither";

/** Whether some arm of one side is to be preferred to every arm of the other. */
export function pointVerdict(input: DecisionInput, eligible: Eligible, knobs: Knobs): PointVerdict {
  const answers = knobs.answersPerMonth * input.months;
  const wish = turned(input.wish, knobs);
  const armAt = (at: number): DecisionArm => input.arms[at] as DecisionArm;
  const references = referencesOf(input);
  const over = Math.max(0, ...references.map((at) => meanOf(armAt(at).outcomes)));
  const standing = (at: number, price: number, shift: number): Standing => {
    const arm = armAt(at);
    const fixed = (arm.usdToGetThere.expected + input.months * arm.usdPerMonth.expected) / 1e6;
    return {
      quality: meanOf(arm.outcomes) + shift,
      isReference: references.includes(at),
      usd: fixed + (arm.usdPerThousandAnswers.expected / 1e9) * price * answers,
    };
  };
  const tuned = eligible.tuned.map((at) => standing(at, knobs.tunedPrice, knobs.tunedQuality));
  const others = eligible.others.map((at) => standing(at, knobs.othersPrice, 0));
  const beatsAll = (one: Standing, rivals: readonly Standing[]): boolean =>
    rivals.every((rival) => isPreferred(wish, one, rival, answers, over));
  if (others.some((one) => beatsAll(one, tuned))) return "do-not-tune";
  return tuned.some((one) => beatsAll(one, others)) ? "tune" : "neither";
}

function turned(wish: Objective, { worth }: Knobs): Objective {
  if (wish.kind !== "value") return wish;
  return { ...wish, usdPerCorrect: usd(dollars(wish.usdPerCorrect) * worth) };
}
