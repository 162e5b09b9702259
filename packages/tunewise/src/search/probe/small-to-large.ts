/**
 * @file Whether results on a slice of the data carry over to all of it: rank correlation with its confidence
 *   interval.
 */
import { mulberry32For, nearestQuantile, resampled } from "@tunewise/core/math";

/** Results of one point on the slice and on all rows, with the same direction of better. */
export interface SlicePair {
  readonly slice: number;
  readonly whole: number;
}

/** Whether a ranking carries over. */
export interface RankingCheck {
  readonly verdict: "holds" | "does-not-hold" | "cannot-tell";
  /** Kendall's tau-b, -1 to 1. */
  readonly tau: number;
  /** 95 % confidence interval, bootstrapped over points. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Regret: how much worse the slice's best point is on all rows than the best point on all rows. */
  readonly regret: number;
}

/** Minimum number of points for a meaningful ranking. */
const minPairs = 5;
const draws = 2000;

/**
 * Checks whether a slice ranks points as all rows do.
 *
 * The ranking holds if the whole interval of tau is at or above the required agreement, and does not hold if the whole
 * interval is below. A tau of 0.5 means that 3 in 4 pairs are in the same order.
 *
 * @param asked required agreement; default 0.5
 * @source Kendall 1945, Biometrika 33, 239-251 (tau-b); intervals by Efron and Tibshirani 1993, section 13.3
 */
export function checkRanking(
  pairs: readonly SlicePair[],
  goal: "minimize" | "maximize",
  seed: number,
  asked = 0.5,
): RankingCheck {
  const tau = kendall(pairs);
  const regret = regretOf(pairs, goal === "minimize" ? 1 : -1);
  if (pairs.length < minPairs) return { verdict: "cannot-tell", tau, interval: null, regret };
  const random = mulberry32For(seed, 4);
  const drawn = Float64Array.from({ length: draws }, () => kendall(resampled(pairs, random))).sort();
  const interval = { low: nearestQuantile(drawn, 0.025), high: nearestQuantile(drawn, 0.975) };
  const verdict = interval.low >= asked ? "holds" : interval.high < asked ? "does-not-hold" : "cannot-tell";
  return { verdict, tau, interval, regret };
}

/** Finite results of trials at a rung and the next one; failures are excluded because they have no rank. */
export function rungPairs(
  trials: readonly { readonly losses: ReadonlyMap<number, number> }[],
  rung: number,
): SlicePair[] {
  return trials.flatMap(({ losses }) => {
    const [slice, whole] = [losses.get(rung), losses.get(rung + 1)];
    const both = slice !== undefined && whole !== undefined && Number.isFinite(slice + whole);
    return both ? [{ slice, whole }] : [];
  });
}

/** Kendall's tau-b; 0 if one side is all ties. @source Kendall 1945, equation for ties */
export function kendall(pairs: readonly SlicePair[]): number {
  let [agree, slices, wholes] = [0, 0, 0];
  for (const [at, first] of pairs.entries()) {
    for (let other = at + 1; other < pairs.length; other++) {
      const second = pairs[other] as SlicePair;
      const slice = Math.sign(first.slice - second.slice);
      const whole = Math.sign(first.whole - second.whole);
      agree += slice * whole;
      slices += slice * slice;
      wholes += whole * whole;
    }
  }
  return slices > 0 && wholes > 0 ? agree / Math.sqrt(slices * wholes) : 0;
}

function regretOf(pairs: readonly SlicePair[], sign: 1 | -1): number {
  if (pairs.length === 0) return 0;
  const chosen = pairs.reduce((a, b) => (sign * b.slice < sign * a.slice ? b : a));
  const best = pairs.reduce((a, b) => (sign * b.whole < sign * a.whole ? b : a));
  return sign * (chosen.whole - best.whole);
}
