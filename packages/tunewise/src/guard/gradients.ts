/** @file The gradients guard: gradient norms and update sizes outside the healthy range, with the likely cause. */
import { median } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { Evidence } from "./act.ts";

/** Input of the gradients guard. */
export interface GradientState {
  /** Global gradient norms before clipping, one per step, oldest first. */
  readonly norms: readonly number[];
  /** Norm of each step's update over the norm of the trained weights, one per step. */
  readonly ratios: readonly number[];
  /** Learning rate of each step as a share of the highest. */
  readonly rateShares: readonly number[];
  /** 0 disables gradient clipping. */
  readonly maxGradNorm: number;
  readonly warmupSteps: number;
  readonly learningRatePeak: number;
}

/** Window of the running medians. */
const window = 20;
/** A typical step changes weights by about a thousandth; 100 times less or more is reported. */
const [typicalRatio, ratioTimes] = [1e-3, 100];
/** Growth of the norms since the first steps after the warmup, above which it is reported. */
const growth = 10;
/** If norms exceed the clipping threshold this many times, only the direction of the gradient counts. */
const clipTimes = 20;
/** Norms below this count as vanished gradients. */
const vanished = 1e-7;

/**
 * Checks the steps after the warmup, by medians over 20 steps.
 *
 * @source about 1e-3 as the usual ratio of update and weights: Karpathy, "makemore", part 3, and Stanford CS231n,
 * "Neural Networks Part 3", ratio of updates to weights
 */
export function checkGradients(state: GradientState): Evidence | null {
  const { warmupSteps: warm, maxGradNorm, learningRatePeak: rate } = state;
  const norms = state.norms.slice(warm);
  if (norms.length < window) return null;
  const [norm, ratio] = [median(norms.slice(-window)), median(state.ratios.slice(-window))];
  const first = median(norms.slice(0, window));
  const say = (what: string, why: string): Evidence => ({
    guard: "gradients",
    sentence: `${what} (median of ${countOf(window, "step")}). Likely cause: ${why}.`,
    since: state.norms.length - window + 1,
    isHint: false,
  });
  if (norm < vanished)
    return say(`Gradients are close to zero: ${figure(norm)}`, "rows without an answer to learn");
  const isHigh = ratio > typicalRatio * ratioTimes;
  // a schedule ends with the smallest steps, so rescale them to the highest rate before calling that rate too low
  const atHighest = median(state.ratios.slice(-window).map((one, at) => one / shareAt(state, at)));
  if (isHigh || atHighest < typicalRatio / ratioTimes) {
    const what = `Each step changes ${figure(100 * ratio)} % of what is trained, where 0.1 % is usual`;
    return say(what, `a learning rate (${rate}) that is too ${isHigh ? "high" : "low"}`);
  }
  if (norms.length >= 2 * window && norm > growth * first) {
    const what = `Gradients grew from ${figure(first)} to ${figure(norm)}`;
    return say(what, "a learning rate that is too high, or a loss near zero on memorized rows");
  }
  if (maxGradNorm > 0 && norm > clipTimes * maxGradNorm) {
    const what = `Gradients of ${figure(norm)} are cut to ${maxGradNorm} at every step, so that only their direction counts`;
    return say(
      what,
      "a loss summed over very long rows, or a limit (training.max_grad_norm) that is too low",
    );
  }
  return null;
}

/** Rate of a step in the last window as a share of the highest rate; 1 for a step without a rate. */
function shareAt({ rateShares }: GradientState, at: number): number {
  return rateShares.at(at - window) || 1;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(2)));
}
