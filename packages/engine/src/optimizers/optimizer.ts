/** @file Optimizers as pure functions over flat arrays: one `update` per step, with the state beside the parameters. */

import { type EngineOptimizer, optimizers } from "@tunewise/core/run";

/** Settings of all optimizers; `sgd` uses `beta1` as its momentum. */
export interface OptimizerSettings {
  readonly optimizer: EngineOptimizer;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Moments of one tensor. */
export interface Moments {
  readonly first: Float32Array;
  /** Empty for an optimizer with one moment. */
  readonly second: Float32Array;
}

/** Lengths of both moments of a tensor of `length` values. */
export function momentLengths({ optimizer }: OptimizerSettings, length: number): readonly [number, number] {
  return [length, optimizers[optimizer].moments === 2 ? length : 0];
}

/** Zeroed state for a tensor of `length` values. */
export function startMoments(settings: OptimizerSettings, length: number): Moments {
  const [first, second] = momentLengths(settings, length);
  return { first: new Float32Array(first), second: new Float32Array(second) };
}

/** Parameters of one step. */
export interface UpdateStep {
  /** Counts from 1. */
  readonly step: number;
  readonly learningRate: number;
  /** Multiplies the gradient first: averaging and clipping in one factor. */
  readonly gradientScale: number;
}

/** Size of an update: sums of squares, so that parts can be added. */
export interface UpdateSquares {
  /** Of the values before the update. */
  readonly values: number;
  readonly changes: number;
}

/** Updates values and moments in place. */
type Update = (
  settings: OptimizerSettings,
  values: Float32Array,
  gradient: Float32Array,
  moments: Moments,
  step: UpdateStep,
) => UpdateSquares;

/** The update of each optimizer; a missing one does not compile. */
const updates: Readonly<Record<EngineOptimizer, Update>> = { adamw: updateAdamW, sgd: updateSgd };

/** Updates `values` and `moments` in place and returns the size of the update. */
export function update(
  settings: OptimizerSettings,
  values: Float32Array,
  gradient: Float32Array,
  moments: Moments,
  step: UpdateStep,
): UpdateSquares {
  return updates[settings.optimizer](settings, values, gradient, moments, step);
}

/**
 * AdamW: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w = w (1 - lr decay) - lr m' / (sqrt(v') + eps), with
 * bias-corrected m', v'.
 *
 * @source Loshchilov and Hutter 2017 (arXiv 1711.05101), algorithm 2; order of operations as in torch.optim.AdamW
 */
function updateAdamW(
  { weightDecay, beta1, beta2, epsilon }: OptimizerSettings,
  values: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  { step, learningRate, gradientScale }: UpdateStep,
): UpdateSquares {
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  const shrink = 1 - learningRate * weightDecay;
  const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
  let [sum, changed] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const g = (gradient[at] as number) * gradientScale;
    const m = beta1 * (first[at] as number) + fresh1 * g;
    const v = beta2 * (second[at] as number) + fresh2 * g * g;
    first[at] = m;
    second[at] = v;
    const value = values[at] as number;
    const next = value * shrink - (stepSize * m) / (Math.sqrt(v) * rootCorrection + epsilon);
    values[at] = next;
    sum += value * value;
    changed += (next - value) * (next - value);
  }
  return { values: sum, changes: changed };
}

/**
 * SGD with momentum: m = momentum m + (g + decay w), w = w - lr m.
 *
 * @source torch.optim.SGD with dampening 0, without Nesterov
 */
function updateSgd(
  { weightDecay, beta1 }: OptimizerSettings,
  values: Float32Array,
  gradient: Float32Array,
  { first }: Moments,
  { step, learningRate, gradientScale }: UpdateStep,
): UpdateSquares {
  let [sum, changed] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    const g = (gradient[at] as number) * gradientScale + weightDecay * value;
    // the first step uses the plain gradient, as torch does
    const m = step === 1 ? g : beta1 * (first[at] as number) + g;
    first[at] = m;
    const change = learningRate * m;
    values[at] = value - change;
    sum += value * value;
    changed += change * change;
  }
  return { values: sum, changes: changed };
}
