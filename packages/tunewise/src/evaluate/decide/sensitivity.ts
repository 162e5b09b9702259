/** @file Sensitivity analysis: which inputs would have to change for a different verdict. */
import { dollars, usd } from "@tunewise/core/quantity";
import type { DecisionArm, DecisionInput, Objective } from "./input.ts";
import { isPreferred, referencesOf, type Standing } from "./prefer.ts";
import { meanOf } from "./table.ts";
import type { Eligible } from "./weigh.ts";

/** The input that is varied. */
export type SensitiveTo =
  | "answers-per-month"
  | "price-of-tuned"
  | "price-of-others"
  | "quality-of-tuned"
  | "worth-of-a-correct-answer";

/** A point at which expected values yield a different verdict. */
export interface Flip {
  readonly what: SensitiveTo;
  /** Answers a month, a factor on the price, points added to the quality, or dollars per correct answer. */
  readonly at: number;
  readonly from: PointVerdict;
  readonly to: PointVerdict;
}

/** Bisection steps between two grid points: four significant digits. */
const steps = 14;

/**
 * Points where the verdict by expected values changes, varying one input at a time; nearest first for prices and
 * quality.
 */
export function findFlips(input: DecisionInput, eligible: Eligible): Flip[] {
  const now: Adjustments = {
    answersPerMonth: input.answersPerMonth?.expected ?? 0,
    tunedPrice: 1,
    othersPrice: 1,
    tunedQuality: 0,
    worth: 1,
  };
  const flips = (
    what: SensitiveTo,
    grid: readonly number[],
    set: (at: number) => Partial<Adjustments>,
  ): Flip[] => {
    const verdict = (at: number): PointVerdict => pointVerdict(input, eligible, { ...now, ...set(at) });
    return grid.slice(1).flatMap((high, at) => bisectFlip(what, verdict, grid[at] ?? high, high));
  };
  const volume = flips("answers-per-month", volumeGrid, (answersPerMonth) => ({ answersPerMonth }));
  if (!input.answersPerMonth) return volume;
  const { objective } = input;
  const nearest = (found: Flip[], from: number): Flip[] => [
    ...found.filter(({ at }) => at < from).slice(-1),
    ...found.filter(({ at }) => at >= from).slice(0, 1),
  ];
  return [
    ...volume,
    ...nearest(
      flips("price-of-tuned", factors, (tunedPrice) => ({ tunedPrice })),
      1,
    ),
    ...nearest(
      flips("price-of-others", factors, (othersPrice) => ({ othersPrice })),
      1,
    ),
    ...nearest(
      flips("quality-of-tuned", shifts, (tunedQuality) => ({ tunedQuality })),
      0,
    ),
    ...(objective.kind === "value"
      ? nearest(
          flips("worth-of-a-correct-answer", factors, (worth) => ({ worth })),
          1,
        ).map((flip) => ({ ...flip, at: flip.at * dollars(objective.usdPerCorrect) }))
      : []),
  ];
}

/**
 * Value of a correct answer at which the first arm pays off, in dollars: extra dollars over extra correct answers.
 *
 * @returns `null` if the first arm is not better, or the volume is not known
 */
export function breakEvenValue(input: DecisionInput, first: number, second: number): number | null {
  const [one, other] = [input.arms[first] as DecisionArm, input.arms[second] as DecisionArm];
  if (!input.answersPerMonth) return null;
  const gain = meanOf(one.outcomes) - meanOf(other.outcomes);
  const answers = input.answersPerMonth.expected * input.months;
  if (gain <= 0 || answers <= 0) return null;
  const fixed =
    (one.usdToGetThere.expected - other.usdToGetThere.expected) / 1e6 +
    (input.months * (one.usdPerMonth.expected - other.usdPerMonth.expected)) / 1e6;
  const perAnswer = (one.usdPerThousandAnswers.expected - other.usdPerThousandAnswers.expected) / 1e9;
  return (fixed + perAnswer * answers) / (gain * answers);
}

// grid points avoid round numbers, because round prices may tie there, and a tie would count as a separate verdict
const volumeGrid = Array.from({ length: 62 }, (_, at) => 10 ** ((at + 7.5) / 8));
const factors = Array.from({ length: 82 }, (_, at) => 2 ** ((at - 40.5) / 8));
const shifts = Array.from({ length: 144 }, (_, at) => ((at - 71.5) * Math.SQRT2) / 200);

function bisectFlip(
  what: SensitiveTo,
  verdict: (at: number) => PointVerdict,
  low: number,
  high: number,
): Flip[] {
  const [from, to] = [verdict(low), verdict(high)];
  if (from === to) return [];
  let [left, right] = [low, high];
  for (let step = 0; step < steps; step++) {
    const middle = (left + right) / 2;
    if (verdict(middle) === from) left = middle;
    else right = middle;
  }
  return [{ what, at: (left + right) / 2, from, to }];
}

/** Inputs to vary, one at a time; factors of 1 and offsets of 0 change nothing. */
export interface Adjustments {
  readonly answersPerMonth: number;
  readonly tunedPrice: number;
  readonly othersPrice: number;
  /** Added to the quality of tuned arms. */
  readonly tunedQuality: number;
  /** Factor on the value of a correct answer. */
  readonly worth: number;
}

/** Verdict by expected values. */
export type PointVerdict = "tune" | "do-not-tune" | "neither";

/** Whether some arm of one side is preferred to every arm of the other. */
export function pointVerdict(input: DecisionInput, eligible: Eligible, adjusted: Adjustments): PointVerdict {
  const answers = adjusted.answersPerMonth * input.months;
  const objective = adjustObjective(input.objective, adjusted);
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
  const tuned = eligible.tuned.map((at) => standing(at, adjusted.tunedPrice, adjusted.tunedQuality));
  const others = eligible.others.map((at) => standing(at, adjusted.othersPrice, 0));
  const beatsAll = (one: Standing, rivals: readonly Standing[]): boolean =>
    rivals.every((rival) => isPreferred(objective, one, rival, answers, over));
  if (others.some((one) => beatsAll(one, tuned))) return "do-not-tune";
  return tuned.some((one) => beatsAll(one, others)) ? "tune" : "neither";
}

function adjustObjective(objective: Objective, { worth }: Adjustments): Objective {
  if (objective.kind !== "value") return objective;
  return { ...objective, usdPerCorrect: usd(dollars(objective.usdPerCorrect) * worth) };
}
