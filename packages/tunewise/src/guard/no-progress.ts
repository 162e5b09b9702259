/** @file The no-progress guard: a training loss that does not change, or does not fall. */
import { mean, meanVariance } from "@tunewise/core/math";
import { countOf } from "@tunewise/core/quantity";
import type { Evidence } from "./act.ts";

/** Input of the no-progress guard. */
export interface ProgressState {
  /** Training losses of all steps so far, oldest first. */
  readonly losses: readonly number[];
  /** Lowest validation loss so far; `null` before the first evaluation. */
  readonly lowestValidation: number | null;
  readonly steps: number;
  readonly warmupSteps: number;
  readonly learningRatePeak: number;
}

/** If the loss stays within this share for this many steps, the weights are not changing. */
const [frozenShare, frozenSteps] = [1e-7, 20];
/**
 * After the warmup, a run has this share of its steps, and at least this many, to show progress. After twice that many
 * steps it is no longer checked.
 */
const [patienceShare, minPatience] = [0.15, 20];
/** Initial steps whose losses are those of an untrained model. */
const startSteps = 3;
/** A validation loss below this share of the initial training loss shows learning. */
const knownShare = 0.4;
/** Standard errors that a fall must exceed. */
const fallErrors = 3;

/**
 * Reports that the loss has been constant for 20 steps, or that some time after the warmup the last third of the
 * steps is not below the first three by three standard errors. Only three steps form the start, because at a high rate
 * most of the fall happens in the first steps. Their noise is assumed to equal that of the last steps.
 */
export function checkProgress(state: ProgressState): Evidence | null {
  const { losses, steps, warmupSteps, learningRatePeak: rate } = state;
  const last = losses.slice(-frozenSteps);
  const [least, most] = [Math.min(...last), Math.max(...last)];
  const about = { guard: "no-progress", since: 1, isHint: false } as const;
  if (last.length === frozenSteps && most - least <= frozenShare * Math.abs(most)) {
    const why =
      "Likely causes: a learning rate of next to nothing, rows without an answer, weights that are frozen.";
    return {
      ...about,
      sentence: `the loss has been ${most.toPrecision(6)} for ${countOf(frozenSteps, "step")}. ${why}`,
    };
  }
  const patience = warmupSteps + Math.max(minPatience, patienceShare * steps);
  if (losses.length < patience || losses.length > 2 * patience) return null;
  const start = losses.slice(0, startSteps);
  const recent = losses.slice(-Math.floor(losses.length / 3));
  if (isBelow(recent, start) || heldOut(state, mean(start))) return null;
  const sentence =
    `the training loss has not fallen: ${mean(start).toPrecision(4)} in the first ${countOf(start.length, "step")}, ` +
    `${mean(recent).toPrecision(4)} in the last ${recent.length}. ` +
    `Likely causes: a learning rate (${rate}) that is far too low or too high, answers that do not follow from prompts.`;
  return { ...about, sentence };
}

/** Whether the validation loss shows progress. Unlearnable training rows can hide it in the training loss. */
function heldOut({ lowestValidation }: ProgressState, start: number): boolean {
  return lowestValidation !== null && lowestValidation < knownShare * start;
}

/** @source standard error of a difference of two means with the same spread: s sqrt(1 / n1 + 1 / n2) */
function isBelow(recent: readonly number[], start: readonly number[]): boolean {
  const spread = meanVariance(recent) * recent.length;
  const error = Math.sqrt(spread * (1 / recent.length + 1 / start.length));
  return mean(recent) < mean(start) - fallErrors * error;
}
