/** @file Speed of a training step on a GPU, as a sum of parts. */

import { optimizers } from "@tunewise/core/run";
import type { Device } from "../../catalog/index.ts";
import { dividedBy, type Factor, mapRange } from "../range-arithmetic.ts";
import { formatsOf } from "../stack/formats.ts";
import { isTrained } from "../stack/is-trained.ts";
import type { StackRules } from "../stack/rules.ts";
import { savedInLayer } from "../stack/saved-activations.ts";
import { formatBytes, isCheckpointed, type StackSetting, tokensOf } from "../stack/setting.ts";
import { adapterCount, wholeStates } from "../stack/states.ts";
import { defaultPeakShare, gpuConstants as k, peakShare, speedFactors } from "./constants.ts";

/** A part of a step on one GPU. */
export interface SpeedPart {
  /** By rules: products, attention, memory, dequantize, launch, update, exchange; by trace: kernel types. */
  readonly name: string;
  readonly seconds: number;
}

/** Speed of a step on one GPU. */
export interface StackSpeed {
  readonly parts: readonly SpeedPart[];
  readonly stepSeconds: Factor;
  readonly tokensPerSecondPerDevice: Factor;
  /** Model FLOPs utilization (MFU). */
  readonly utilization: number;
}

/**
 * Seconds of a step = matrix products and attention at their achieved share of the peak, plus memory traffic,
 * dequantization, the optimizer update and communication.
 *
 * @source Williams, Waterman and Patterson 2009, "Roofline", CACM 52(4), with parts added instead of overlapped
 */
export function estimateStackSpeed(setting: StackSetting, device: Device, microBatches = 1): StackSpeed {
  const tokens = tokensOf(setting);
  const work = gpuWork(setting);
  const reached = reachedFlops(device, setting.stack);
  const computing: SpeedPart[] = [
    { name: "products", seconds: microBatches * productSeconds(setting, device, work.products) },
    { name: "attention", seconds: (microBatches * tokens * work.attention) / (reached * k.attentionShare) },
    { name: "memory", seconds: (microBatches * memoryBytes(setting)) / bandwidthOf(device) },
    { name: "dequantize", seconds: (microBatches * dequantizedBytes(setting)) / bandwidthOf(device) },
  ];
  const launches = microBatches * kernelCount(setting);
  const busy = sumOf(computing);
  const parts = [
    ...computing,
    { name: "launch", seconds: waitSeconds(busy, launches).expected },
    { name: "update", seconds: updateSeconds(setting, device) },
    { name: "exchange", seconds: exchangeSeconds(setting, device, microBatches, busy) },
  ];
  const all = microBatches * tokens;
  return speedOf(parts, {
    peak: peakFlops(device, setting.stack),
    tokens: all,
    flops: all * (work.products + work.attention),
    wait: waitSeconds(busy, launches),
  });
}

/**
 * Seconds that a GPU waits for the host, which launches operations while the GPU works.
 *
 * With short rows, the GPU waits. If both need about the same time, each sometimes waits for the other. The 2-norm is
 * at least the larger of the two, and 1.4 times that if they are equal.
 *
 * @source a soft maximum, the 2-norm; compared with launch-bound rows by bench/plan/accuracy.mjs
 */
export function waitSeconds(busy: number, launches: number): Factor {
  return mapRange(k.launchSeconds, (one) => Math.hypot(busy, launches * one) - busy);
}

/** Products of few tokens take at least the time to read their weights from memory, once per pass. */
function productSeconds(setting: StackSetting, device: Device, flops: number): number {
  const { model, trained } = setting;
  const passes = (isCheckpointed(setting) ? 3 : 2) + (trained.kind === "full" ? 1 : 0);
  const { linear, activeLinear } = model.parameters;
  // only experts that some token is routed to
  const used = Math.min(linear, activeLinear * tokensOf(setting));
  const reading = (passes * setting.stack.computeBytes * used) / bandwidthOf(device);
  const multiplying = (tokensOf(setting) * flops) / reachedFlops(device, setting.stack);
  return Math.max(multiplying, trained.kind === "qlora" ? 0 : reading);
}

/** Peak of matrix products of a device in FLOP per second, in the format of the computation. */
export function peakFlops(device: Device, { computeBytes }: StackRules): number {
  return computeBytes === formatBytes.float32 ? device.float32FlopsPerSecond : device.flopsPerSecond;
}

/**
 * FLOP per second that large matrix products achieve on a device; float32 is assumed to achieve the same share as 16
 * bits.
 */
export function reachedFlops(device: Device, stack: StackRules): number {
  return peakFlops(device, stack) * (peakShare[device.name] ?? defaultPeakShare);
}

/** Amount of computation in a step, and how long the GPU waits for launches. */
interface StepFacts {
  readonly peak: number;
  readonly tokens: number;
  readonly flops: number;
  readonly wait: Factor;
}

/** Speed of a step from its parts, with the range of estimates. No device exceeds its peak FLOP/s. */
export function speedOf(
  parts: readonly SpeedPart[],
  { peak, tokens: all, flops, wait }: StepFacts,
): StackSpeed {
  const total = sumOf(parts);
  const least = flops / (k.maxPeakShare * peak);
  const seconds = mapRange(wait, (one) => total - wait.expected + one);
  const stepSeconds = mapRange(dividedBy(seconds, speedFactors), (one) => Math.max(least, one));
  return {
    parts: parts.filter(({ seconds }) => seconds > 0),
    stepSeconds,
    tokensPerSecondPerDevice: {
      low: all / stepSeconds.high,
      expected: all / stepSeconds.expected,
      high: all / stepSeconds.low,
    },
    utilization: flops / (total * peak),
  };
}

/**
 * Whether a device can reach a number of tokens per second. Above 95 % of its dense peak the source must be wrong, for
 * example a total over several GPUs.
 *
 * @param tokensPerSecond tokens per second of one device
 */
export function isPossible(setting: StackSetting, device: Device, tokensPerSecond: number): boolean {
  const { products, attention } = gpuWork(setting);
  return tokensPerSecond * (products + attention) <= k.maxPeakShare * peakFlops(device, setting.stack);
}

function sumOf(parts: readonly SpeedPart[]): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}

function bandwidthOf({ bandwidthBytesPerSecond }: Device): number {
  return bandwidthBytesPerSecond * k.bandwidthShare;
}

/** Memory traffic outside of matrix products, proportional to the saved activations. */
function memoryBytes(setting: StackSetting): number {
  const { model, rows, length } = setting;
  const saved = savedInLayer(setting);
  const style = setting.stack.norms === "fused" ? "fused" : "eager";
  const again = isCheckpointed(setting) ? 4 / 3 : 1;
  const perToken = k.crossings[style] * (saved.attention + saved.feedForward) * again;
  const scores =
    setting.attention === "eager" ? 2 * k.scoreCrossings * rows * model.heads * length * length : 0;
  const { stream } = formatsOf(setting);
  const logits = setting.stack.loss === "fused" ? stream : 20;
  const tokens = tokensOf(setting);
  return (
    model.layers * ((perToken + adapterBytes(setting)) * tokens + scores) + logits * tokens * model.vocabulary
  );
}

/** Memory traffic of adapters per token and layer; their low-rank products are memory-bound. */
function adapterBytes(setting: StackSetting): number {
  const { model, trained } = setting;
  if (trained.kind === "full") return 0;
  const { input, result } = k.adapterCrossings;
  const passes = isCheckpointed(setting) ? 4 : 3;
  const widths = model.projections
    .filter((one) => isTrained(setting, one))
    .map(
      ({ inputWidth, outputWidth, activeCopies }) =>
        activeCopies * (input * inputWidth + result * outputWidth),
    );
  return 2 * passes * widths.reduce((sum, width) => sum + width, 0);
}

function dequantizedBytes(setting: StackSetting): number {
  if (setting.trained.kind !== "qlora") return 0;
  return k.dequantizeBytes * setting.model.parameters.linear * (isCheckpointed(setting) ? 3 : 2);
}

function kernelCount(setting: StackSetting): number {
  const { model, trained, stack } = setting;
  const adapters =
    trained.kind === "full" ? 0 : model.projections.filter((one) => isTrained(setting, one)).length;
  const style = stack.norms === "fused" ? "fused" : "eager";
  const forward =
    k.kernels[style] +
    k.kernels.adapter * adapters +
    (trained.kind === "qlora" ? model.projections.length : 0);
  return model.layers * forward * (isCheckpointed(setting) ? 4 : 3);
}

/** Time of an update, which reads and writes gradient, value and moments; offloaded states cross the bus. */
function updateSeconds(setting: StackSetting, device: Device): number {
  const whole = wholeStates(setting);
  const share = setting.devices > 1 && setting.sharding !== "none" ? 1 / setting.devices : 1;
  const count = whole.trainedCount * share;
  if (setting.offload !== "none") {
    const moved = (whole.weights + whole.gradients) * share;
    return count / k.hostUpdatesPerSecond + (2 * moved) / k.hostBytesPerSecond;
  }
  if (optimizers[setting.optimizer].isPaged) return (2 * count) / k.hostBytesPerSecond; // in and out simultaneously
  const width = setting.trained.kind === "full" ? setting.stack.fullWeightBytes : setting.stack.adapterBytes;
  return (k.updateCrossings * width * count) / bandwidthOf(device);
}

/**
 * Communication time: all-gather of weights in the compute format for both passes, reduce-scatter of gradients; without
 * the part that overlaps with computation.
 */
export function exchangeSeconds(
  setting: StackSetting,
  device: Device,
  microBatches: number,
  busy: number,
): number {
  const { devices, sharding } = setting;
  if (devices < 2) return 0;
  const { weights, trainedCount } = wholeStates(setting);
  const { computeBytes } = setting.stack;
  const whole = computeBytes * setting.model.parameters.total;
  const isAll = sharding === "zero-3" || sharding === "fsdp";
  const gathered = isAll ? microBatches * 2 * Math.min(weights, whole) : 0;
  const spread = 2 * computeBytes * trainedCount;
  const speed = devices > k.devicesOfMachine ? k.networkBytesPerSecond : k.linkBytesPerSecond[device.link];
  const seconds = ((gathered + spread) * (devices - 1)) / devices / speed;
  return Math.max(seconds - k.exchangeHidden * busy, 0.1 * seconds);
}

/** FLOP per token of a step, by kind. */
interface GpuWork {
  readonly products: number;
  readonly attention: number;
}

/**
 * FLOP per token and weight: 2 forward, 2 for the input gradient, 2 more with recomputation, 2 for the gradient of each
 * trained matrix; the head once forward and once or twice backward. Causal attention: each token attends to half of the
 * row on average; the backward pass takes 2.5 times the forward pass.
 *
 * @source Kaplan et al. 2020 (arXiv 2001.08361), section 2.1; Dao 2023 (arXiv 2307.08691), section 4.1
 */
function gpuWork(setting: StackSetting): GpuWork {
  const { model, trained, length } = setting;
  const again = isCheckpointed(setting) ? 1 : 0;
  const own = trained.kind === "full" ? 1 : 0;
  const head = model.vocabulary * model.hidden;
  const { activeLinear } = model.parameters;
  const products =
    2 * (2 + again + own) * activeLinear + 2 * (2 + own) * head + 2 * (3 + again) * adapterCount(setting);
  const causal = 2 * length * model.heads * model.headWidth * model.layers;
  const eager = setting.attention === "eager" ? 2 : 1; // the causal mask is added, not exploited
  return { products, attention: eager * causal * (1 + again + 2.5) };
}
