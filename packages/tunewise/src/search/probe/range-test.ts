/** @file A learning-rate range test: the rates at which a model learns, from one short run with a rising rate. */

import { countOf } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import type { Hyperparameter, SearchSpace } from "../space/hyperparameter.ts";

/** One step of a range test. */
export interface RangeStep {
  readonly rate: number;
  /** Training loss of the step; not finite where it diverged. */
  readonly loss: number;
}

/** Result of a range test. */
export interface RangeTest {
  /** From the rate where the loss begins to fall to that of the lowest loss; `null` if the fall is within noise. */
  readonly usable: { readonly low: number; readonly high: number } | null;
  /** Rate at which the smoothed loss falls fastest per factor of the rate. */
  readonly steepest: number | null;
  /** Rate at which the loss has risen by half of its fall, or is not finite; `null` if neither happens. */
  readonly diverges: number | null;
}

/** Minimum number of steps for smoothing. */
const minSteps = 10;
/** The loss counts as falling after this share of the whole fall. */
const fallBegins = 0.1;
/** The fall must exceed this many standard deviations of a single step's loss. */
const clear = 3;
/** Smoothing window as a share of the steps. */
const smoothing = 0.05;

/**
 * Reads a range test.
 *
 * The loss is smoothed by a bias-corrected exponential mean. Noise is estimated from differences between steps in the
 * first quarter, where the rate is too low to change anything.
 *
 * @param steps at least 10, with rising rates
 * @throws {TunewiseError} `RANGE_TEST_INVALID` for fewer steps, or for rates that are not above 0 and rising
 * @source Smith 2017 (arXiv 1506.01186), section 3.3; the bias of the mean as in Kingma and Ba 2015, section 3
 * @example
 * import { readRangeTest } from "tunewise/search";
 *
 * // falls from a rate of 1e-4 on, diverges above 1e-2
 * const steps = Array.from({ length: 100 }, (_, step) => {
 *   const rate = 10 ** (-6 + step / 20);
 *   return { rate, loss: rate > 1e-2 ? Number.NaN : 4 - Math.max(0, Math.log10(rate) + 4) };
 * });
 * const { usable, diverges } = readRangeTest(steps);
 * console.log(usable !== null && usable.low > 1e-5, diverges !== null && diverges > 1e-2); // true true
 */
export function readRangeTest(steps: readonly RangeStep[]): RangeTest {
  checkSteps(steps);
  const end = steps.findIndex(({ loss }) => !Number.isFinite(loss));
  const finite = end < 0 ? steps : steps.slice(0, end);
  const broken = end < 0 ? null : (steps[end]?.rate ?? null);
  if (finite.length < minSteps / 2) return { usable: null, steepest: null, diverges: broken };
  const smooth = smoothed(
    finite.map(({ loss }) => loss),
    Math.max(1, smoothing * steps.length),
  );
  // an exponential mean lags behind by this many steps on average
  const lag = Math.round(Math.max(0, smoothing * steps.length - 1));
  const first = smooth.slice(0, Math.max(2, Math.floor(finite.length / 10)));
  const start = first.reduce((sum, loss) => sum + loss, 0) / first.length;
  const lowest = smooth.indexOf(Math.min(...smooth));
  const fall = start - (smooth[lowest] as number);
  const rises = smooth.findIndex((loss, at) => at > lowest && loss > (smooth[lowest] as number) + fall / 2);
  const diverges = rises < 0 ? broken : (finite[rises]?.rate ?? broken);
  if (!(fall > clear * noiseOf(finite))) return { usable: null, steepest: null, diverges };
  const begin = smooth.findIndex((loss) => loss <= start - fallBegins * fall);
  const rateAt = (at: number) => finite[Math.max(0, at - lag)]?.rate as number;
  const usable = { low: Math.min(rateAt(begin), rateAt(lowest)), high: rateAt(lowest) };
  return { usable, steepest: steepestRate(finite, smooth, begin, lowest), diverges };
}

/**
 * Narrows the learning rate's range in a space to the rates that a range test found usable.
 *
 * @returns the same space if the test found none, or none within the hyperparameter's range
 * @example
 * import { narrowSpace } from "tunewise/search";
 *
 * const space = { learning_rate: { kind: "log-uniform", low: 1e-6, high: 1 } } as const;
 * const test = { usable: { low: 1e-4, high: 1e-2 }, steepest: 1e-3, diverges: 0.1 };
 * const { learning_rate } = narrowSpace(space, "learning_rate", test);
 * console.log(learning_rate); // { kind: 'log-uniform', low: 0.0001, high: 0.01 }
 */
export function narrowSpace(space: SearchSpace, knob: string, test: RangeTest): SearchSpace {
  const old = Object.hasOwn(space, knob) ? (space[knob] as Hyperparameter) : undefined;
  if (old === undefined || old.kind === "choice" || test.usable === null) return space;
  const low = Math.max(old.low, test.usable.low);
  const high = Math.min(old.high, test.usable.high);
  const [first, last] = old.kind.endsWith("integer") ? [Math.ceil(low), Math.floor(high)] : [low, high];
  return first < last ? { ...space, [knob]: { ...old, low: first, high: last } } : space;
}

function checkSteps(steps: readonly RangeStep[]): void {
  if (steps.length < minSteps) {
    const reason = `smoothing needs at least ${minSteps}`;
    throw problem("RANGE_TEST_INVALID", { found: `${countOf(steps.length, "step")}`, reason });
  }
  const fault = steps.findIndex(
    ({ rate }, at) => !(rate > (steps[at - 1]?.rate ?? 0) && Number.isFinite(rate)),
  );
  if (fault < 0) return;
  const found = `rate ${steps[fault]?.rate} at step ${fault + 1}`;
  throw problem("RANGE_TEST_INVALID", { found, reason: "rates must rise from above 0" });
}

/** @source Kingma and Ba 2015, section 3: a decaying mean over 1 - decay^t */
function smoothed(losses: readonly number[], reach: number): number[] {
  const decay = 1 - 1 / reach;
  let mean = 0;
  return losses.map((loss, at) => {
    mean = decay * mean + (1 - decay) * loss;
    return mean / (1 - decay ** (at + 1));
  });
}

/** Standard deviation of one step: adjacent steps differ by sqrt(2) of it. @source von Neumann 1941, section 1 */
function noiseOf(steps: readonly RangeStep[]): number {
  const quarter = steps.slice(0, Math.max(3, Math.floor(steps.length / 4)));
  const squares = quarter.slice(1).map(({ loss }, at) => (loss - (quarter[at]?.loss as number)) ** 2);
  return Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length / 2);
}

/** @source Smith 2017, section 3.3: slope of the loss over the logarithm of the rate */
function steepestRate(
  steps: readonly RangeStep[],
  smooth: readonly number[],
  from: number,
  to: number,
): number | null {
  let [best, rate]: [number, number | null] = [0, null];
  for (let at = Math.max(1, from); at <= to; at++) {
    const [before, here] = [steps[at - 1]?.rate as number, steps[at]?.rate as number];
    const slope = ((smooth[at] as number) - (smooth[at - 1] as number)) / Math.log(here / before);
    if (slope < best) [best, rate] = [slope, here];
  }
  return rate;
}
