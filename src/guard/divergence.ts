/**
 * @file The divergence guard: a loss that is no number stops the run, a loss that jumps is worth a warning.
 */
import type { Verdict } from "../run/index.ts";

/** All that the divergence guard looks at. */
export interface DivergenceState {
  readonly step: number;
  /** Mean loss per labelled token of this step, in nats. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  /** Losses of the steps before, oldest first, without this one; the last 50 are read. */
  readonly losses: readonly number[];
  /** The highest rate of the schedule. */
  readonly learningRatePeak: number;
  /** Steps of linear warm-up. */
  readonly warmupSteps: number;
  /** Step of the last whole checkpoint, `null` when there is none. */
  readonly checkpointStep: number | null;
}

/** Fewer losses than this say nothing about their spread. */
const historyMin = 10;
const historyMax = 50;
/** A jump counts from so many robust standard deviations above the median, and ... */
const spikeDeviations = 8;
/** ... by at least this share of the median, since a flat curve has hardly a spread. */
const spikeShare = 0.5;
/** LoRA runs are mostly steady below this rate (Biderman et al. 2024 sweep 1e-5 to 5e-4). */
const highLearningRate = 5e-4;

/**
 * Judges the loss and gradient norm of the step just done.
 *
 * @returns `stop` for NaN or infinity; `warn` when the loss lies far above the recent ones; else `go-on`
 * @source median absolute deviation times 1.4826 as standard deviation: Rousseeuw and Croux 1993, section 1
 */
export function judgeDivergence(state: DivergenceState): Verdict {
  const broken = brokenQuantity(state);
  if (broken) return { act: "stop", guard: "divergence", sentence: brokenSentence(state, broken) };
  const recent = state.losses.slice(-historyMax).filter(Number.isFinite);
  if (recent.length < historyMin) return { act: "go-on" };
  const usual = median(recent);
  const spread = 1.4826 * median(recent.map((loss) => Math.abs(loss - usual)));
  const limit = usual + Math.max(spikeDeviations * spread, spikeShare * usual);
  if (state.loss <= limit) return { act: "go-on" };
  const numbers = `The loss jumped to ${state.loss.toPrecision(4)} at step ${state.step}; the median of the`;
  const sentence = `${numbers} ${recent.length} steps before is ${usual.toPrecision(4)}. ${causes(state)}`;
  return { act: "warn", guard: "divergence", sentence };
}

function brokenQuantity(state: DivergenceState): string | null {
  if (!Number.isFinite(state.loss)) return `loss is ${state.loss}`;
  if (!Number.isFinite(state.gradientNorm)) return `gradient norm is ${state.gradientNorm}`;
  return null;
}

function brokenSentence(state: DivergenceState, broken: string): string {
  const kept =
    state.checkpointStep === null
      ? "No checkpoint was saved before."
      : `The checkpoint of step ${state.checkpointStep} is kept.`;
  return `Stopped at step ${state.step}: the ${broken}. ${kept} ${causes(state)}`;
}

/** What usually lies behind it, the likelier causes by this state first. */
function causes(state: DivergenceState): string {
  const rate = state.learningRatePeak;
  const list: string[] = [];
  if (rate > highLearningRate) list.push(`a learning rate that is high for LoRA (${rate})`);
  if (state.warmupSteps === 0) list.push("no warm-up");
  else if (state.step <= state.warmupSteps) list.push(`a warm-up too short (${state.warmupSteps} steps)`);
  if (rate <= highLearningRate) list.push(`the learning rate (${rate})`);
  list.push("bad rows in this batch");
  return `Likely causes: ${list.join(", ")}.`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
