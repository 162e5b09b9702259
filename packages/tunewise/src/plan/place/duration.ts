/** @file Duration of a job on a machine: training, evaluation, startup. */

import { mean } from "@tunewise/core/math";
import type { Device } from "../../catalog/index.ts";
import { certain, dividedBy, type Factor, mapRange, sumRanges, times } from "../range-arithmetic.ts";
import { checkpointBytes } from "../stack/states.ts";
import { rentConstants as k } from "./constants.ts";
import type { Fitted } from "./fit.ts";
import type { Job } from "./job.ts";
import { padRows } from "./padded.ts";

/** Seconds of one run. */
interface PlaceDuration {
  readonly train: Factor;
  readonly judge: Factor;
  readonly start: Factor;
  /** Smoke test, including startup. */
  readonly smoke: number;
}

/** Computes the durations of a layout. @param isAtHand whether the machine is already running and has the weights */
export function durationOf(job: Job, fitted: Fitted, device: Device, isAtHand: boolean): PlaceDuration {
  const step = stepSeconds(job, fitted);
  const train = sumRanges([mapRange(step, (seconds) => job.steps * seconds), savingSeconds(job, fitted)]);
  const start = startSeconds(job, isAtHand);
  return {
    train,
    judge: evaluationSeconds(job, fitted, device),
    start,
    smoke: job.smokeSteps > 0 ? start.expected + Math.min(job.smokeSteps, job.steps) * step.expected : 0,
  };
}

/** Uses a measured speed if given; its tokens exclude padding. */
function stepSeconds(job: Job, { speed, layout, worst }: Fitted): Factor {
  if (job.tokensPerSecond === null) return speed.stepSeconds;
  const batches = job.padded(layout.rows);
  const tokens = layout.rows * layout.microBatches * batches.length * (1 - batches.paddedShare);
  const seconds = tokens / job.tokensPerSecond;
  return times(k.measuredUncertainty, {
    low: seconds,
    expected: seconds,
    high: seconds * (worst.devices > 1 ? 1.2 : 1),
  });
}

function savingSeconds({ trained, checkpoints }: Job, { worst }: Fitted): Factor {
  const bytes = trained.kind === "full" ? checkpointBytes(worst) : 0;
  return dividedBy(certain(checkpoints * bytes), k.saveBytesPerSecond);
}

/** Renting, downloading and loading 16-bit weights, compiling. */
function startSeconds({ model, stack }: Job, isAtHand: boolean): Factor {
  const fetching = dividedBy(certain(2 * model.parameters.total), k.fetchBytesPerSecond);
  const compiling = stack.loss === "compiled-pieces" ? k.compileSeconds : certain(0);
  return sumRanges([isAtHand ? k.loadSeconds : sumRanges([k.rentSeconds, fetching]), compiling]);
}

/** Validation losses at each evaluation, and test answers by the base and the tuned model. */
function evaluationSeconds(job: Job, fitted: Fitted, device: Device): Factor {
  const arms = job.evaluation.base ? 2 : 1;
  const looks = job.evaluations * forwardSeconds(job, job.validation, fitted);
  const losses = job.judging.loss ? arms * forwardSeconds(job, job.test, fitted) : 0;
  const answers = job.judging.answers ? arms * answerSeconds(job, fitted, device) : 0;
  return mapRange(k.evaluationUncertainty, (factor) => factor * (looks + losses + answers));
}

/** Time of forward passes as a share of training the same tokens. */
function forwardSeconds(job: Job, rows: Job["test"], { speed, layout, worst }: Fitted): number {
  if (rows.length === 0) return 0;
  const batches = padRows(rows, layout.rows, "length", job.maxLength);
  const tokens = batches.count * layout.rows * batches.length;
  const share = job.trained.kind === "full" ? k.forwardShareFull : k.forwardShare;
  return (share * tokens) / (speed.tokensPerSecondPerDevice.expected * worst.devices);
}

/** Each decoding step reads all weights and launches all kernels; groups are sequential. */
function answerSeconds({ test, evaluation, model, trained }: Job, { worst }: Fitted, device: Device): number {
  const groups = Math.ceil(test.length / evaluation.batchSize / worst.devices);
  const lengths = test.map(({ tokens, promptTokens }) => Math.max(1, tokens - promptTokens));
  const usual = mean(lengths);
  const steps = groups * Math.min(evaluation.maxNewTokens, k.answerStretch * usual);
  const bytes =
    (trained.kind === "qlora" ? 3 : 2) * (model.parameters.activeLinear + model.vocabulary * model.hidden);
  const reading = bytes / (device.bandwidthBytesPerSecond * k.decodeBandwidthShare);
  return steps * Math.max(reading, model.layers * k.decodeLayerSeconds);
}
