/**
 * @file The guard of a pull towards the base: one that is too strong stalls the training.
 */
import { mean } from "../math/index.ts";
import { countOf } from "../quantity/index.ts";
import type { Verdict } from "../run/index.ts";

/** All that the guard looks at. */
export interface RegularizationState {
  /** Mean loss per labelled token and penalty of each step so far, oldest first. */
  readonly losses: readonly number[];
  readonly penalties: readonly number[];
  /** Steps of rising learning rate, in which nothing is judged. */
  readonly warmupSteps: number;
  readonly method: string;
  readonly lambda: number;
  readonly warned: boolean;
}

/** Steps after the warm-up before the guard speaks, and steps it takes means of. */
const [stepsLeast, window] = [20, 10];
/** A fall of the loss by less than the first share is none; a penalty above the second share of it is felt. */
const [stalledShare, feltShare] = [0.05, 0.01];

/**
 * Warns once where the loss has not fallen under a pull that is felt. A penalty that is large beside a loss that falls
 * is no harm: it is the price of what is kept.
 *
 * @returns `warn` with a strength to try, or `go-on`
 */
export function checkRegularization(state: RegularizationState): Verdict {
  const { losses, penalties, warmupSteps, lambda, method, warned } = state;
  if (warned || lambda === 0 || losses.length < warmupSteps + stepsLeast) return { act: "go-on" };
  const [first, last] = [mean(losses.slice(0, window)), mean(losses.slice(-window))];
  const penalty = mean(penalties.slice(-window));
  if (last <= (1 - stalledShare) * first || penalty <= feltShare * last) return { act: "go-on" };
  const why = `the loss has not fallen in ${countOf(losses.length, "step")} (${first.toFixed(3)} to ${last.toFixed(3)})`;
  const weaker = Number((lambda / 10).toPrecision(2));
  const sentence = `${why}: ${method} with lambda ${lambda} is too strong; try keep.lambda: ${weaker}`;
  return { act: "warn", guard: "keeping", sentence };
}
