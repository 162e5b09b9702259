/** @file The regularization guard: a penalty toward the base model that is too strong stalls training. */
import { mean } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { Verdict } from "@tunewise/core/run";

/** Input of the regularization guard. */
export interface RegularizationState {
  /** Mean loss per labelled token and penalty of each step so far, oldest first. */
  readonly losses: readonly number[];
  readonly penalties: readonly number[];
  /** Warmup steps, during which nothing is checked. */
  readonly warmupSteps: number;
  readonly method: string;
  readonly lambda: number;
  readonly warned: boolean;
}

/** Steps after the warmup before the guard reports, and steps over which it averages. */
const [minSteps, window] = [20, 10];
/**
 * A relative fall of the loss below the first share counts as no fall. A penalty above the second share of the loss
 * counts as relevant.
 */
const [stalledShare, feltShare] = [0.05, 0.01];

/**
 * Warns once if the loss has not fallen and the penalty is relevant. A large penalty beside a falling loss is harmless:
 * it is the cost of retaining the base model's abilities.
 *
 * @returns `warn` with a lower `regularization.lambda` to try, or `go-on`
 */
export function checkRegularization(state: RegularizationState): Verdict {
  const { losses, penalties, warmupSteps, lambda, method, warned } = state;
  if (warned || lambda === 0 || losses.length < warmupSteps + minSteps) return { act: "go-on" };
  const [first, last] = [mean(losses.slice(0, window)), mean(losses.slice(-window))];
  const penalty = mean(penalties.slice(-window));
  if (last <= (1 - stalledShare) * first || penalty <= feltShare * last) return { act: "go-on" };
  const why = `the loss has not fallen in ${countOf(losses.length, "step")} (${first.toFixed(3)} to ${last.toFixed(3)})`;
  const weaker = Number((lambda / 10).toPrecision(2));
  const sentence = `${why}: ${method} with lambda ${lambda} is too strong; try regularization.lambda: ${weaker}`;
  return { act: "warn", guard: "regularization", sentence };
}
