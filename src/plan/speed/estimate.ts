/**
 * @file Speed of a training step on a GPU, as a sum of what takes time.
 */
import type { Device } from "../../catalog/index.ts";
import { type Factor, mapRange } from "../range-arithmetic.ts";
import { formatsOf } from "../stack/formats.ts";
import { isTrained, keptInLayer } from "../stack/kept.ts";
import { isCheckpointed, type StackSetting, tokensOf } from "../stack/setting.ts";
import { wholeStates } from "../stack/states.ts";
import { gpuConstants as k, peakShare, usualPeakShare } from "./constants.ts";
import { gpuWork } from "./work.ts";

/** What takes time. */
export type SpeedPartName =
  | "products"
  | "attention"
  | "memory"
  | "dequantize"
  | "launch"
  | "update"
  | "exchange";

/** One part of a step on one GPU. */
export interface SpeedPart {
  readonly name: SpeedPartName;
  readonly seconds: number;
}

/** A step of one GPU. */
export interface StackSpeed {
  readonly parts: readonly SpeedPart[];
  readonly stepSeconds: Factor;
  readonly tokensPerSecondPerDevice: Factor;
  /** FLOP of the step over its time at the device's peak. */
  readonly utilization: number;
}

/**
 * Seconds of a step = products and attention at the share of the peak that they reach, plus values crossing the memory,
 * plus the 4-bit matrices made whole, the update and what GPUs tell each other; but no less than starting the kernels
 * takes.
 *
 * @source Williams, Waterman and Patterson 2009, "Roofline", CACM 52(4), with parts added instead of overlapped
 */
export function estimateStackSpeed(setting: StackSetting, device: Device, microBatches = 1): StackSpeed {
  const tokens = tokensOf(setting);
  const work = gpuWork(setting);
  const reached = device.flopsPerSecond * (peakShare[device.name] ?? usualPeakShare);
  const computing: SpeedPart[] = [
    { name: "products", seconds: (microBatches * tokens * work.products) / reached },
    { name: "attention", seconds: (microBatches * tokens * work.attention) / (reached * k.attentionShare) },
    { name: "memory", seconds: (microBatches * memoryBytes(setting)) / bandwidthOf(device) },
    { name: "dequantize", seconds: (microBatches * dequantizedBytes(setting)) / bandwidthOf(device) },
  ];
  const launch = microBatches * kernelCount(setting) * k.launchSeconds;
  const busy = sumOf(computing);
  const parts = [
    ...computing,
    { name: "launch", seconds: Math.max(0, launch - busy) } as const,
    { name: "update", seconds: updateSeconds(setting, device) } as const,
    { name: "exchange", seconds: exchangeSeconds(setting, device, microBatches, busy) } as const,
  ];
  const total = sumOf(parts);
  const all = microBatches * tokens;
  const flops = all * (work.products + work.attention);
  const least = flops / (k.mostOfPeak * device.flopsPerSecond);
  const stepSeconds = mapRange(k.doubt, (factor) => Math.max(least, factor * total));
  return {
    parts: parts.filter(({ seconds }) => seconds > 0),
    stepSeconds,
    tokensPerSecondPerDevice: {
      low: all / stepSeconds.high,
      expected: all / stepSeconds.expected,
      high: all / stepSeconds.low,
    },
    utilization: flops / (total * device.flopsPerSecond),
  };
}

/**
 * Whether a device can compute so many tokens per second at all: a figure above 95 % of its dense peak is a mistake of
 * its source, such as the total of several GPUs.
 *
 * @param tokensPerSecond of one device
 */
export function isPossible(setting: StackSetting, device: Device, tokensPerSecond: number): boolean {
  const { products, attention } = gpuWork(setting);
  return tokensPerSecond * (products + attention) <= k.mostOfPeak * device.flopsPerSecond;
}

function sumOf(parts: readonly SpeedPart[]): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}

function bandwidthOf({ bandwidthBytesPerSecond }: Device): number {
  return bandwidthBytesPerSecond * k.bandwidthShare;
}

/** Values that cross the memory outside of products, in proportion to what a layer keeps. */
function memoryBytes(setting: StackSetting): number {
  const { model, rows, length } = setting;
  const kept = keptInLayer(setting);
  const style = setting.stack.norms === "fused" ? "fused" : "eager";
  const again = isCheckpointed(setting) ? 4 / 3 : 1;
  const perToken = k.crossings[style] * (kept.attention + kept.feedForward) * again;
  const scores =
    setting.attention === "eager" ? 2 * k.scoreCrossings * rows * model.heads * length * length : 0;
  const { stream } = formatsOf(setting);
  const logits = setting.stack.loss === "fused" ? stream : 20;
  const tokens = tokensOf(setting);
  return (
    model.layers * ((perToken + adapterBytes(setting)) * tokens + scores) + logits * tokens * model.vocabulary
  );
}

/** Per token and layer: an adapter's products are too thin to be held back by anything but memory. */
function adapterBytes(setting: StackSetting): number {
  const { model, trained } = setting;
  if (trained.kind === "full") return 0;
  const { input, result } = k.adapterCrossings;
  const passes = isCheckpointed(setting) ? 4 : 3;
  const widths = model.projections
    .filter(({ name }) => isTrained(trained, name))
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
    trained.kind === "full"
      ? 0
      : trained.targets === "all-linear"
        ? model.projections.length
        : trained.targets.length;
  const style = stack.norms === "fused" ? "fused" : "eager";
  const forward =
    k.kernels[style] +
    k.kernels.adapter * adapters +
    (trained.kind === "qlora" ? model.projections.length : 0);
  return model.layers * forward * (isCheckpointed(setting) ? 4 : 3);
}

/** An update reads gradient, value and moments and writes them back; states in the host's memory cross its bus. */
function updateSeconds(setting: StackSetting, device: Device): number {
  const whole = wholeStates(setting);
  const share = setting.devices > 1 && setting.sharding !== "none" ? 1 / setting.devices : 1;
  const count = whole.trainedCount * share;
  if (setting.offload !== "none") {
    const moved = (whole.weights + whole.gradients) * share;
    return count / k.hostUpdatesPerSecond + (2 * moved) / k.hostBytesPerSecond;
  }
  if (setting.optimizer === "paged-adamw-8bit") return (2 * count) / k.hostBytesPerSecond; // in and out at once
  const width = setting.trained.kind === "full" ? setting.stack.fullWeightBytes : setting.stack.adapterBytes;
  return (k.updateCrossings * width * count) / bandwidthOf(device);
}

/** Weights gathered in 16 bits for both passes, gradients spread; the part that computing hides is not counted. */
function exchangeSeconds(setting: StackSetting, device: Device, microBatches: number, busy: number): number {
  const { devices, sharding } = setting;
  if (devices < 2) return 0;
  const { weights, trainedCount } = wholeStates(setting);
  const { total } = setting.model.parameters;
  const isAll = sharding === "zero-3" || sharding === "fsdp";
  const gathered = isAll ? microBatches * 2 * Math.min(weights, 2 * total) : 0;
  const spread = 2 * 2 * trainedCount;
  const speed = devices > k.devicesOfMachine ? k.networkBytesPerSecond : k.linkBytesPerSecond[device.link];
  const seconds = ((gathered + spread) * (devices - 1)) / devices / speed;
  return Math.max(seconds - k.exchangeHidden * busy, 0.1 * seconds);
}
