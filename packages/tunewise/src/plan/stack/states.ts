/** @file Model states on a GPU: weights, adapters, optimizer state and gradients; and host memory. */

import { sum } from "@tunewise/core/math";
import { type Bytes, bytes, countText } from "@tunewise/core/quantity";
import { type OptimizerName, optimizers } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import { formatsOf } from "./formats.ts";
import { isTrained } from "./is-trained.ts";
import { type StackSetting, type StackTerm, stackTerm } from "./setting.ts";

/**
 * Bytes of an NF4 weight: half a byte, plus a float32 scale per 64 weights; with double quantization an 8-bit scale,
 * plus a float32 one per 256 scales.
 *
 * @source Dettmers et al. 2023 (arXiv 2305.14314), section 3
 */
export function nf4Bytes(isDouble: boolean): number {
  return 0.5 + (isDouble ? 1 / 64 + 4 / (64 * 256) : 4 / 64);
}

/** Bytes of states. */
export interface States {
  readonly weights: number;
  readonly adapters: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** Number of trained parameters. */
  readonly trainedCount: number;
}

/**
 * Number of adapter parameters, including DoRA's magnitudes.
 *
 * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1: A is [R, in], B is [out, R]; Liu et al. 2024
 *   (arXiv 2402.09353), section 4.1: a magnitude for each row of the weight
 */
export function adapterCount(setting: Pick<StackSetting, "model" | "trained" | "stack">): number {
  const { model, trained } = setting;
  if (trained.kind === "full") return 0;
  const adapted = model.projections.filter((one) => isTrained(setting, one));
  const inLayers = sum(adapted.map((one) => one.copies * (one.inputWidth + one.outputWidth)));
  const magnitudes = trained.dora ? sum(adapted.map((one) => one.copies * one.outputWidth)) : 0;
  const head = trained.head ? model.hidden + model.vocabulary : 0;
  return trained.rank * (model.layers * inLayers + head) + model.layers * magnitudes;
}

/** Parameters in memory: all experts, and a tied embedding twice if the framework does not tie it. */
export function residentParameters({ model, stack }: Pick<StackSetting, "model" | "stack">): number {
  const { total, head } = model.parameters;
  return head > 0 || stack.tiesEmbeddings ? total : total + model.vocabulary * model.hidden;
}

/** Parameters active per token; fewer than in memory for a model with experts. */
export function activeParameters({ parameters: { total, linear, activeLinear } }: ModelDescription): number {
  return total - linear + activeLinear;
}

/** Total bytes of states over all GPUs, without replication. */
export function wholeStates(setting: StackSetting): States {
  const { model, trained, stack, optimizer } = setting;
  const { linear } = model.parameters;
  const total = residentParameters(setting);
  if (trained.kind === "full") {
    const width = stack.fullWeightBytes;
    return {
      weights: width * total,
      adapters: 0,
      gradients: width * total,
      optimizer: momentBytes(optimizer, width) * total,
      trainedCount: total,
    };
  }
  const count = adapterCount(setting);
  const rest = formatsOf(setting).stream * (total - linear);
  return {
    weights:
      trained.kind === "qlora"
        ? nf4Bytes(trained.doubleQuantization) * linear + rest
        : stack.computeBytes * total,
    adapters: stack.adapterBytes * count,
    gradients: stack.adapterBytes * count,
    optimizer: momentBytes(optimizer, stack.adapterBytes) * count,
    trainedCount: count,
  };
}

/** Bytes of a block's scale per value. @source bitsandbytes: a float32 scale for each block of 256 */
const scaleBytes = 4 / 256;

/**
 * Bytes of optimizer state on the GPU per trained parameter; paged moments move to host memory when the GPU is full.
 */
function momentBytes(optimizer: OptimizerName, valueBytes: number): number {
  const { moments, momentFormat, isPaged } = optimizers[optimizer];
  return isPaged ? 0 : moments * (momentFormat === "8-bit" ? 1 + scaleBytes : valueBytes);
}

/** States on one GPU after sharding. */
export function statesPerDevice(setting: StackSetting): States {
  const whole = wholeStates(setting);
  const { sharding, devices, offload } = setting;
  const part = devices > 1 ? 1 / devices : 1;
  const shareOf = (sharded: boolean): number => (sharded ? part : 1);
  const isAll = sharding === "zero-3" || sharding === "fsdp";
  const gradients = isAll || sharding === "zero-2";
  const keepsWeights = offload !== "all";
  return {
    weights: keepsWeights ? whole.weights * shareOf(isAll) : 0,
    adapters: keepsWeights ? whole.adapters * shareOf(isAll) : 0,
    gradients: offload === "all" ? 0 : whole.gradients * shareOf(gradients),
    optimizer: offload === "none" ? whole.optimizer * shareOf(sharding !== "none") : 0,
    trainedCount: whole.trainedCount * (isAll ? part : 1),
  };
}

/** Formats of values on a GPU; `16-bit`: bfloat16, or float16 on cards without it. */
export interface HeldFormats {
  readonly weights: "float32" | "16-bit" | "nf4";
  readonly gradients: "float32" | "16-bit";
  readonly moments: "float32" | "16-bit" | "8-bit";
}

/** Formats of weights, and of the trained values' gradients and moments. */
export function heldFormats({ trained, stack, optimizer }: StackSetting): HeldFormats {
  const width = trained.kind === "full" ? stack.fullWeightBytes : stack.adapterBytes;
  const base = trained.kind === "full" ? width : stack.computeBytes;
  const named = (bytes: 2 | 4): "float32" | "16-bit" => (bytes === 4 ? "float32" : "16-bit");
  return {
    weights: trained.kind === "qlora" ? "nf4" : named(base),
    gradients: named(width),
    moments: optimizers[optimizer].momentFormat === "8-bit" ? "8-bit" : named(width),
  };
}

/** States as terms with explanations, without gradients. */
export function stateTerms(setting: StackSetting, states: States): StackTerm[] {
  const { model, trained, optimizer } = setting;
  const { moments } = heldFormats(setting);
  const format =
    trained.kind === "qlora"
      ? `matrices in 4 bits, the rest in ${8 * formatsOf(setting).stream}`
      : `${trained.kind === "full" ? 8 * setting.stack.fullWeightBytes : 8 * setting.stack.computeBytes} bits each`;
  const count = countText(residentParameters(setting));
  const active =
    model.parameters.activeLinear < model.parameters.linear
      ? `, all experts (${countText(activeParameters(model))} active)`
      : "";
  const shared =
    setting.devices > 1 ? `, as ${setting.sharding} leaves on one of ${setting.devices} GPUs` : "";
  return [
    stackTerm("weights", states.weights, `${count} parameters${active}, ${format}${shared}`),
    stackTerm("adapters", states.adapters, `${countText(states.trainedCount)} values`),
    stackTerm("optimizer", states.optimizer, `${optimizer} of what is trained, moments in ${moments}`),
  ];
}

/**
 * Bytes of a checkpoint: trained values and moments. Of full fine-tuning, programs other than the worker save only 16
 * bits per weight.
 */
export function checkpointBytes(setting: StackSetting): number {
  const { weights, adapters, optimizer } = wholeStates(setting);
  if (setting.trained.kind !== "full") return adapters + optimizer;
  return setting.stack.name === "worker" ? weights + optimizer : 2 * setting.model.parameters.total;
}

/** Operating system, Python, libraries, data loaders: bytes per process, and once per machine. */
const host = { perProcess: 4e9, once: 4e9 } as const;

/**
 * Estimates the host memory of one machine in bytes.
 *
 * Maximum of: offloaded states; loading (weights once, since shards are read sequentially); saving a sharded full
 * fine-tuning, which gathers all weights in one process (the worker's checkpoint also has the moments). Memory of a
 * penalty against forgetting is added.
 *
 * @param devices GPUs per machine
 * @source DeepSpeed's estimate for ZeRO with offload, P x max(4 G, 16) x 1.5, is similar; starting a 70B QLoRA run
 *   filled 128 GB (planning reference, section 1.5)
 */
export function hostBytes(setting: StackSetting, devices: number): Bytes {
  const whole = wholeStates(setting);
  const share = setting.devices > devices ? devices / setting.devices : 1;
  const offloaded =
    setting.offload === "all"
      ? whole.weights + whole.gradients + whole.optimizer
      : setting.offload === "optimizer" || optimizers[setting.optimizer].isPaged
        ? whole.optimizer + 2 * whole.trainedCount
        : 0;
  const loading = setting.stack.computeBytes * setting.model.parameters.total;
  const isGathered = setting.trained.kind === "full" && setting.sharding !== "none" && setting.devices > 1;
  const isWorker = setting.trained.kind === "full" && setting.stack.name === "worker";
  const saving = isWorker ? checkpointBytes(setting) : isGathered ? whole.weights : 0;
  const holders = setting.sharding === "fsdp" ? Math.min(1, devices / setting.devices) : devices;
  const anchors = holders * (setting.anchorBytes ?? 0) * setting.model.parameters.total;
  return bytes(
    host.once + devices * host.perProcess + anchors + Math.max(offloaded * share, loading, saving),
  );
}
