/**
 * @file What lies on a GPU for the whole run: weights, adapters, optimizer; and gradients once they are there.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { bytes, countText } from "../../quantity/index.ts";
import { formatsOf } from "./formats.ts";
import { isTrained } from "./kept.ts";
import type { OptimizerKind, StackSetting, StackTerm, Trained } from "./setting.ts";

/**
 * Bytes of a weight stored as NF4: half a byte, and a float32 scale for 64 weights; with double quantization an 8-bit
 * scale, and a float32 one for 256 scales.
 *
 * @source Dettmers et al. 2023 (arXiv 2305.14314), section 3
 */
export function nf4Bytes(isDouble: boolean): number {
  return 0.5 + (isDouble ? 1 / 64 + 4 / (64 * 256) : 4 / 64);
}

/** States by name. */
export interface States {
  readonly weights: number;
  readonly adapters: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** Values that are trained. */
  readonly trainedCount: number;
}

/** Values an adapter adds. @source Hu et al. 2021 (arXiv 2106.09685), section 4.1: A is [R, in], B is [out, R] */
export function adapterCount(model: ModelDescription, trained: Trained): number {
  if (trained.kind === "full") return 0;
  const widths = model.projections
    .filter(({ name }) => isTrained(trained, name))
    .map(({ inputWidth, outputWidth, copies }) => copies * (inputWidth + outputWidth));
  const inLayers = model.layers * widths.reduce((sum, width) => sum + width, 0);
  return trained.rank * (inLayers + (trained.head ? model.hidden + model.vocabulary : 0));
}

/** Bytes of states on all GPUs together, as if nothing were replicated. */
export function wholeStates(setting: StackSetting): States {
  const { model, trained, stack, optimizer } = setting;
  const { total, linear } = model.parameters;
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
  const count = adapterCount(model, trained);
  const rest = formatsOf(setting).stream * (total - linear);
  return {
    weights: trained.kind === "qlora" ? nf4Bytes(trained.doubleQuantization) * linear + rest : 2 * total,
    adapters: stack.adapterBytes * count,
    gradients: stack.adapterBytes * count,
    optimizer: momentBytes(optimizer, stack.adapterBytes) * count,
    trainedCount: count,
  };
}

/** Bytes that an optimizer remembers per trained value, in the trained value's own format unless it is quantized. */
function momentBytes(optimizer: OptimizerKind, valueBytes: number): number {
  switch (optimizer) {
    case "adamw":
      return 2 * valueBytes;
    case "adamw-8bit":
      return 2 * (1 + 4 / 256); // a scale for 256 values
    case "paged-adamw-8bit":
      return 0; // lies in the host's memory where the GPU's is needed
    case "adafactor":
      return 0.02 * valueBytes; // a row and a column in place of a matrix
    case "sgd":
      return 0;
  }
}

/** States of one GPU: what a scheme shards is divided, the rest stays whole. */
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

/** States as terms with their reasons; gradients apart. */
export function stateTerms(setting: StackSetting, states: States): StackTerm[] {
  const { model, trained, optimizer } = setting;
  const count = countText(model.parameters.total);
  const format =
    trained.kind === "qlora"
      ? `matrices in 4 bits, the rest in ${8 * formatsOf(setting).stream}`
      : `${trained.kind === "full" ? 8 * setting.stack.fullWeightBytes : 16} bits each`;
  const shared =
    setting.devices > 1 ? `, as ${setting.sharding} leaves on one of ${setting.devices} GPUs` : "";
  return [
    { name: "weights", bytes: bytes(states.weights), reason: `${count} parameters, ${format}${shared}` },
    { name: "adapters", bytes: bytes(states.adapters), reason: `${countText(states.trainedCount)} values` },
    { name: "optimizer", bytes: bytes(states.optimizer), reason: `${optimizer} of what is trained` },
  ];
}
