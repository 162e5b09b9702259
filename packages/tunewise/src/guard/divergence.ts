/**
 * @file The divergence guard: detects a loss that is NaN or infinite, a loss that rose and stayed up, and loss
 *   spikes.
 */
import { mean, median, robustDeviation } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { Evidence } from "./act.ts";

/** Input of the divergence guard. */
export interface DivergenceState {
  readonly step: number;
  /** Mean loss per labelled token of this step, in nats. */
  readonly loss: number;
  /** Global L2 norm before gradient clipping. */
  readonly gradientNorm: number;
  /** Losses of previous steps, oldest first, without this one; the last 100 are used. */
  readonly losses: readonly number[];
  /** History before the last 20 steps; `null` while it is too short. */
  readonly history: LossHistory | null;
  /** Vocabulary size V: a model that has learned nothing has a loss of ln V. */
  readonly vocabulary: number;
  /** Peak of the learning rate schedule. */
  readonly learningRatePeak: number;
  /** Steps of linear warmup. */
  readonly warmupSteps: number;
}

/** Losses of a run before its last 20 steps. */
export interface LossHistory {
  /** Mean of the first steps. */
  readonly start: number;
  /** Lowest moving average over ten steps, and the last step of that window. */
  readonly best: number;
  readonly bestStep: number;
}

/** Min. and max. number of recent steps that define the typical loss. */
const [minWindow, maxWindow] = [10, 100];
/** A spike is at least this many robust standard deviations of the log-loss, and ... */
const spikeDeviations = 6;
/** ... at least this share of the median, since a flat curve has almost no spread. */
const spikeShare = 0.5;
/**
 * A loss above this multiple of the best moving average for this many steps does not recover by itself. Then: steps of
 * the moving average, and steps of the mean at the start.
 */
const [blownTimes, blownSteps, averageSteps, startSteps] = [1.5, 20, 10, 5];
/** This share of the gain since the start must be lost as well, because a loss near zero can double harmlessly. */
const blownShare = 0.1;
/**
 * Without history, a run diverges if this many consecutive losses exceed `earlyTimes` the first loss, or exceed ln V
 * if the model was not untrained (a first loss below `knowing` of ln V). Losses below half of ln V never count, because
 * batches differ.
 */
const [earlyTimes, earlySteps, knowing, earlyFloor] = [2.5, 3, 0.75, 0.5];
/** LoRA runs are mostly stable below this learning rate (Biderman et al. 2024 sweep 1e-5 to 5e-4). */
const highLearningRate = 5e-4;

/**
 * Checks the loss and gradient norm of the step just completed.
 *
 * @returns evidence of NaN, infinity or a loss that stays up; a hint for a spike; otherwise `null`
 * @source log-loss against median and median absolute deviation of 100 steps: as spike detectors of large trainings,
 * after Chowdhery et al. 2022 (PaLM, 2204.02311), who go back to a checkpoint before a spike
 */
export function checkDivergence(state: DivergenceState): Evidence | null {
  const { step } = state;
  const broken = brokenQuantity(state);
  if (broken) return found(state, `the ${broken}.`, step - stepsAbove(state, reachedLimit(state)));
  const blown = stayedUp(state);
  if (blown) {
    const sentence =
      `for ${countOf(blownSteps, "step")} the loss was above ${blown.limit.toPrecision(4)} ` +
      `(${state.loss.toPrecision(4)} now), ` +
      `and it had been ${blown.best.toPrecision(4)} around step ${blown.bestStep}.`;
    return found(state, sentence, step - blownSteps + 1);
  }
  const start = divergedFromStart(state);
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

/** Limit derived from the best loss so far. The steps before the loss exceeded it count as good. */
function reachedLimit({ losses, history }: DivergenceState): number {
  return history === null ? blownTimes * (losses[0] ?? 0) : limitOf(history);
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
 * Updates the history of a run by one step. Takes constant time when called for each step in turn.
 *
 * @param past result for the previous step; `null` at first
 * @param losses losses of all steps, oldest first, from step 1
 * @param count number of completed steps
 */
export function updateHistory(
  past: LossHistory | null,
  losses: readonly number[],
  count: number,
): LossHistory | null {
  const end = count - blownSteps;
  if (end < averageSteps) return null;
  const average = mean(losses.slice(end - averageSteps, end));
  if (past !== null && past.best <= average) return past;
  return { start: past?.start ?? mean(losses.slice(0, startSteps)), best: average, bestStep: end };
}

/** Number of consecutive steps right before this one with a loss above a limit. */
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
 * The first loss, which is that of the base model, if the losses of all last steps are far above it. This check needs
 * no history, so it detects a run that diverges in its first steps.
 */
function divergedFromStart({ step, loss, losses, history, vocabulary }: DivergenceState): number | null {
  // later, the best loss so far is a better reference; and a resumed run has only its last losses
  if (history !== null || step !== losses.length + 1) return null;
  const [first = loss] = losses;
  const limit = earlyLimit(first, vocabulary);
  // in the first few steps, the last losses include the first one, which never exceeds its own limit
  const last = [...losses.slice(1 - earlySteps), loss];
  return last.every((value) => value > limit) ? first : null;
}

function limitOf({ best, start }: LossHistory): number {
  return Math.max(blownTimes * best, best + blownShare * (start - best));
}

/** The history and its limit, if the losses of all last steps exceed the limit. */
function stayedUp({
  loss,
  losses,
  history,
}: DivergenceState): (LossHistory & { readonly limit: number }) | null {
  if (history === null) return null;
  const limit = limitOf(history);
  const last = [...losses.slice(1 - blownSteps), loss];
  return last.every((value) => value > limit) ? { ...history, limit } : null;
}

/**
 * The typical loss, if the loss of this step is far above it.
 *
 * @source z of log-losses by median and median absolute deviation: as `robustDeviation`
 */
function spike({ loss, losses }: DivergenceState): number | null {
  const recent = losses.slice(-maxWindow).filter((value) => Number.isFinite(value) && value > 0);
  if (recent.length < minWindow) return null;
  const usual = median(recent);
  const logs = recent.map(Math.log);
  const far = spikeDeviations * robustDeviation(logs);
  return Math.log(loss) > median(logs) + far && loss > (1 + spikeShare) * usual ? usual : null;
}

/** Typical causes, the most likely ones for this state first. */
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
