/**
 * @file The divergence guard: a loss that is no number, that went up and stayed there, or that jumped once.
 */
import { mean, median, robustDeviation } from "../math/index.ts";
import { countOf } from "../quantity/index.ts";
import type { Evidence } from "./act.ts";

/** All that the divergence guard looks at. */
export interface DivergenceState {
  readonly step: number;
  /** Mean loss per labelled token of this step, in nats. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  /** Losses of the steps before, oldest first, without this one; the last 100 are read. */
  readonly losses: readonly number[];
  /** What went before; `null` while there is too little of it. */
  readonly past: LossPast | null;
  /** Tokens that the model tells apart, V: one that knows nothing has a loss of ln V. */
  readonly vocabulary: number;
  /** The highest rate of the schedule. */
  readonly learningRatePeak: number;
  /** Steps of linear warm-up. */
  readonly warmupSteps: number;
}

/** What a run had reached before its last 20 steps. */
export interface LossPast {
  /** Mean of the first steps. */
  readonly start: number;
  /** The lowest mean of ten steps in a row, and the last of them. */
  readonly best: number;
  readonly bestStep: number;
}

/** Steps whose losses say what is usual. */
const [usualLeast, usualMost] = [10, 100];
/** A jump counts from so many robust standard deviations of the log-loss, and ... */
const spikeDeviations = 6;
/** ... by at least this share of the median, since a flat curve has hardly a spread. */
const spikeShare = 0.5;
/** A loss above so many times the best moving average, for so many steps, does not come back by itself. */
const [blownTimes, blownSteps, averageSteps, startSteps] = [1.5, 20, 10, 5];
/** A loss near zero doubles without harm: what was gained since the start must be lost by this share as well. */
const blownShare = 0.1;
/**
 * Before there is a past: steps in a row above `earlyTimes` the first loss, or above ln V where the model knew
 * something before (a first loss below `knowing` of it). Never a loss below half of ln V: batches differ.
 */
const [earlyTimes, earlySteps, knowing, earlyFloor] = [2.5, 3, 0.75, 0.5];
/** LoRA runs are mostly steady below this rate (Biderman et al. 2024 sweep 1e-5 to 5e-4). */
const highLearningRate = 5e-4;

/**
 * Judges the loss and gradient norm of the step just done.
 *
 * @returns evidence for NaN or infinity and for a loss that stays up; a hint for one that jumps; `null` for neither
 * @source log-loss against median and median absolute deviation of 100 steps: as spike detectors of large trainings,
 * after Chowdhery et al. 2022 (PaLM, 2204.02311), who go back to a checkpoint before a spike
 */
export function checkDivergence(state: DivergenceState): Evidence | null {
  const { step } = state;
  const broken = brokenQuantity(state);
  if (broken) return found(state, `the ${broken}.`, step - stepsAbove(state, reachedLimit(state)));
  const blown = blownUp(state);
  if (blown) {
    const sentence =
      `for ${countOf(blownSteps, "step")} the loss was above ${blown.limit.toPrecision(4)} ` +
      `(${state.loss.toPrecision(4)} now), ` +
      `and it had been ${blown.best.toPrecision(4)} around step ${blown.bestStep}.`;
    return found(state, sentence, step - blownSteps + 1);
  }
  const start = blownFromStart(state);
  if (start !== null) {
    const sentence =
      `for ${earlySteps} steps the loss was far above what it was before the first step ` +
      `(${state.loss.toPrecision(4)} now, ${start.toPrecision(4)} at the start).`;
    return found(state, sentence, step - stepsAbove(state, earlyLimit(start, state.vocabulary)));
  }
  const usual = spike(state);
  if (usual === null) return null;
  const numbers = `The loss jumped to ${state.loss.toPrecision(4)} at step ${step}; the median of the steps before is`;
  return { ...found(state, `${numbers} ${usual.toPrecision(4)}.`, step), isHint: true };
}

/** A loss far above what was reached so far: the state before the steps above it is a good one. */
function reachedLimit({ losses, past }: DivergenceState): number {
  return past === null ? blownTimes * (losses[0] ?? 0) : limitOf(past);
}

function found(state: DivergenceState, what: string, since: number): Evidence {
  return { guard: "divergence", sentence: `${what} ${causes(state)}`, since, isHint: false };
}

function brokenQuantity(state: DivergenceState): string | null {
  if (!Number.isFinite(state.loss)) return `loss is ${state.loss}`;
  if (!Number.isFinite(state.gradientNorm)) return `gradient norm is ${state.gradientNorm}`;
  return null;
}

/**
 * What a run had reached, with one step more. Called for each step in turn, it takes the same time for each.
 *
 * @param past what it gave for the step before; `null` at first
 * @param losses of all steps, oldest first, from step 1
 * @param count so many of them are done
 */
export function nextPast(past: LossPast | null, losses: readonly number[], count: number): LossPast | null {
  const end = count - blownSteps;
  if (end < averageSteps) return null;
  const average = mean(losses.slice(end - averageSteps, end));
  if (past !== null && past.best <= average) return past;
  return { start: past?.start ?? mean(losses.slice(0, startSteps)), best: average, bestStep: end };
}

/** Steps right before this one that lie above a limit. */
function stepsAbove({ losses }: DivergenceState, limit: number): number {
  return losses.length - 1 - losses.findLastIndex((value) => value <= limit);
}

/** @source cross-entropy of a uniform guess among V tokens, ln V: Goodfellow et al. 2016, section 3.13 */
function earlyLimit(start: number, vocabulary: number): number {
  const uniform = Math.log(vocabulary);
  const times = earlyTimes * start;
  return Math.max(earlyFloor * uniform, start < knowing * uniform ? Math.min(times, uniform) : times);
}

/**
 * The loss of the untrained weights, where the last steps all lie far above it. It needs no past, so that a run which
 * leaves in its first steps is seen there: the first loss is that of the model as it came.
 */
function blownFromStart({ step, loss, losses, past, vocabulary }: DivergenceState): number | null {
  // later on the best so far says more, and of a resumed run only the last losses are at hand
  if (past !== null || step !== losses.length + 1) return null;
  const [first = loss] = losses;
  const limit = earlyLimit(first, vocabulary);
  // before so many steps the first loss is among the last ones, and it is not above its own limit
  const last = [...losses.slice(1 - earlySteps), loss];
  return last.every((value) => value > limit) ? first : null;
}

function limitOf({ best, start }: LossPast): number {
  return Math.max(blownTimes * best, best + blownShare * (start - best));
}

/** The limit that all of the last steps lie above, far over what was reached before. */
function blownUp({ loss, losses, past }: DivergenceState): (LossPast & { readonly limit: number }) | null {
  if (past === null) return null;
  const limit = limitOf(past);
  const last = [...losses.slice(1 - blownSteps), loss];
  return last.every((value) => value > limit) ? { ...past, limit } : null;
}

/**
 * The usual loss, where this one lies far above it.
 *
 * @source z of log-losses by median and median absolute deviation: as `robustDeviation`
 */
function spike({ loss, losses }: DivergenceState): number | null {
  const recent = losses.slice(-usualMost).filter((value) => Number.isFinite(value) && value > 0);
  if (recent.length < usualLeast) return null;
  const usual = median(recent);
  const logs = recent.map(Math.log);
  const far = spikeDeviations * robustDeviation(logs);
  return Math.log(loss) > median(logs) + far && loss > (1 + spikeShare) * usual ? usual : null;
}

/** What usually lies behind it, the likelier causes by this state first. */
function causes(state: DivergenceState): string {
  const rate = state.learningRatePeak;
  const list: string[] = [];
  if (rate > highLearningRate) list.push(`a high learning rate (${rate})`);
  if (state.warmupSteps === 0) list.push("no warm-up");
  else if (state.step <= state.warmupSteps)
    list.push(`a warm-up too short (${countOf(state.warmupSteps, "step")})`);
  if (rate <= highLearningRate) list.push(`the learning rate (${rate})`);
  list.push("bad rows in this batch");
  return `Likely causes: ${list.join(", ")}.`;
}
