/**
 * @file What would have to be true for another answer.
 */
import { dollars } from "../../quantity/index.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { type Knobs, type PointVerdict, pointVerdict } from "./point.ts";
import { meanOf } from "./table.ts";
import type { Eligible } from "./weigh.ts";

/** What is turned. */
export type SensitiveTo =
  | "answers-per-month"
  | "price-of-tuned"
  | "price-of-others"
  | "quality-of-tuned"
  | "worth-of-a-correct-answer";

/** A point at which expected values give another verdict. */
export interface Flip {
  readonly what: SensitiveTo;
  /** Answers a month, a factor on the price, points added to the quality, or dollars for a correct answer. */
  readonly at: number;
  readonly from: PointVerdict;
  readonly to: PointVerdict;
}

/** Bisections between two points of the grid: four digits. */
const steps = 14;

/** Where the verdict by expected values turns, each thing by itself; nearest first for prices and quality. */
export function findFlips(input: DecisionInput, eligible: Eligible): Flip[] {
  const now: Knobs = {
    ...{ answersPerMonth: input.answersPerMonth?.expected ?? 0, tunedPrice: 1, othersPrice: 1 },
    ...{ tunedQuality: 0, worth: 1 },
  };
  const flips = (what: SensitiveTo, grid: readonly number[], set: (at: number) => Partial<Knobs>): Flip[] => {
    const verdict = (at: number): PointVerdict => pointVerdict(input, eligible, { ...now, ...set(at) });
    return grid.slice(1).flatMap((high, at) => turn(what, verdict, grid[at] ?? high, high));
  };
  const volume = flips("answers-per-month", volumeGrid, (answersPerMonth) => ({ answersPerMonth }));
  if (!input.answersPerMonth) return volume;
  const { wish } = input;
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
    ...(wish.kind === "value"
      ? nearest(
          flips("worth-of-a-correct-answer", factors, (worth) => ({ worth })),
          1,
        ).map((flip) => ({ ...flip, at: flip.at * dollars(wish.usdPerCorrect) }))
      : []),
  ];
}

/**
 * What a correct answer must be worth for the first arm to pay, in dollars: extra dollars over extra correct answers.
 *
 * @returns `null` where the first is not better, or the volume is not known
 */
export function worthOfExtra(input: DecisionInput, first: number, second: number): number | null {
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

// no point of a grid is a round number, on which round prices may tie: a tie would pass for a verdict of its own
const volumeGrid = Array.from({ length: 62 }, (_, at) => 10 ** ((at + 7.5) / 8));
const factors = Array.from({ length: 82 }, (_, at) => 2 ** ((at - 40.5) / 8));
const shifts = Array.from({ length: 144 }, (_, at) => ((at - 71.5) * Math.SQRT2) / 200);

function turn(what: SensitiveTo, verdict: (at: number) => PointVerdict, low: number, high: number): Flip[] {
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
