/** @file Compares one arm with each of the others on the same rows, corrected for multiple comparisons. */
import type { Interval } from "../score.ts";
import { bootstrapMean } from "../statistics/clustered.ts";
import { holm } from "../statistics/holm.ts";
import { countPairs, exactMcNemar, pairedDifference } from "../statistics/proportion.ts";
import { signFlipTest } from "../statistics/sign-flip.ts";
import type { DecisionArm, DecisionInput } from "./input.ts";
import { isYesNo, meanOf } from "./table.ts";

/** Comparison of two arms on the same rows. */
export interface ArmComparison {
  readonly arm: string;
  readonly against: string;
  /** Quality of the first arm minus quality of the second. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Exact McNemar test, or a sign-flip test if scores are graded or rows are grouped. */
  readonly pValue: number;
  /** Holm-adjusted p-value over all comparisons of the table. */
  readonly adjusted: number;
  readonly verdict: "better" | "worse" | "unclear";
}

/** Compares an arm with each of the others. @source Holm 1979; tests as in `statistics/` */
export function compareArms(
  arm: DecisionArm,
  others: readonly DecisionArm[],
  { groups, seed }: Pick<DecisionInput, "groups" | "seed">,
): ArmComparison[] {
  const tested = others.map((other) => ({
    arm: arm.name,
    against: other.name,
    difference: meanOf(arm.outcomes) - meanOf(other.outcomes),
    ...testPair(arm.outcomes, other.outcomes, { groups, seed }),
  }));
  const corrected = holm(tested.map(({ pValue }) => pValue));
  return tested.map((pair, at) => {
    const adjusted = corrected[at] ?? 1;
    const verdict = adjusted >= 0.05 ? "unclear" : pair.difference > 0 ? "better" : "worse";
    return { ...pair, adjusted, verdict };
  });
}

/** Confidence interval and p-value of a paired difference. @source as in `statistics/` */
export function testPair(
  first: readonly number[],
  second: readonly number[],
  { groups, seed }: Pick<DecisionInput, "groups" | "seed">,
): { readonly interval: Interval | null; readonly pValue: number } {
  const draws = { seed, draws: 4000 };
  if (groups === null && isYesNo(first) && isYesNo(second)) {
    const areRight = (outcomes: readonly number[]) => outcomes.map((one) => one === 1);
    const counts = countPairs(areRight(second), areRight(first));
    return { interval: pairedDifference(counts), pValue: exactMcNemar(counts.onlyBase, counts.onlyTuned) };
  }
  const differences = first.map((one, at) => one - (second[at] ?? 0));
  return {
    interval: bootstrapMean(differences, groups, draws).interval,
    pValue: signFlipTest(differences, groups, draws),
  };
}
