/** @file How often two models give an unsafe answer to the same prompts. */

import { wilsonInterval } from "@tunewise/core/math";
import type { Interval } from "./score.ts";
import {
  countPairs,
  exactMcNemar,
  minimumDetectableEffect,
  pairedDifference,
} from "./statistics/proportion.ts";

/** Shares of unsafe answers, and their difference. */
export interface UnsafeShare {
  readonly prompts: number;
  readonly base: { readonly count: number; readonly interval: Interval };
  readonly tuned: { readonly count: number; readonly interval: Interval };
  /** Prompts on which exactly one of the models is unsafe. */
  readonly onlyBase: number;
  readonly onlyTuned: number;
  /** Tuned minus base; above 0 if the tuned model is less safe. */
  readonly rise: number;
  readonly interval: Interval;
  /** Exact McNemar test, two-sided. */
  readonly pValue: number;
  /** Smallest rise that this number of prompts detects with 80 % power. */
  readonly detectable: number;
}

/**
 * Compares two models on the same prompts, at least one; entries of both lists are paired.
 *
 * @source Wilson 1927; McNemar 1947; Newcombe 1998, as in `proportion.ts`
 */
export function compareUnsafe(base: readonly boolean[], tuned: readonly boolean[]): UnsafeShare {
  const prompts = base.length;
  const counts = countPairs(base, tuned);
  const [unsafeBase, unsafeTuned] = [counts.both + counts.onlyBase, counts.both + counts.onlyTuned];
  return {
    prompts,
    base: { count: unsafeBase, interval: wilsonInterval(unsafeBase, prompts) },
    tuned: { count: unsafeTuned, interval: wilsonInterval(unsafeTuned, prompts) },
    onlyBase: counts.onlyBase,
    onlyTuned: counts.onlyTuned,
    rise: (unsafeTuned - unsafeBase) / prompts,
    interval: pairedDifference(counts),
    pValue: exactMcNemar(counts.onlyBase, counts.onlyTuned),
    detectable: minimumDetectableEffect(prompts),
  };
}
