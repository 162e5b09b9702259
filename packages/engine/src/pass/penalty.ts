/** @file The penalty on the distance from the base, as a term of the loss: EWC and L2-SP. */

import type { FullAdapter } from "../adapters/full.ts";
import type { TrainedAdapter } from "../adapters/tuned.ts";
import { tableValues } from "../base/table.ts";
import { layerName, rootWeights } from "../models/weight-names.ts";
import type { FisherTensor } from "../penalties/fisher.ts";
import { addQuadraticPenalty } from "../penalties/quadratic-penalty.ts";
import type { Penalty, PenaltySettings } from "../penalties/settings.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { loraPenalty } from "./lora-penalty.ts";
import type { Gradients } from "./train-pass.ts";

/**
 * Creates the penalty for an adapter: on full weights themselves, or on the product that LoRA adds to them.
 *
 * EWC on A and B as plain weights would protect nothing: B starts at zero, so the Fisher information of A is zero.
 *
 * @source Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3; L2-SP: Li et al. 2018 (arXiv 1802.01483), section 3
 */
export async function createPenalty(
  model: LoadedModel,
  adapter: TrainedAdapter,
  settings: PenaltySettings,
): Promise<Penalty> {
  return adapter.kind === "full"
    ? fullPenalty(model, adapter, settings)
    : loraPenalty(model, adapter, settings);
}

/**
 * Gradient of lambda / 2 F (w - w0)^2: lambda F (w - w0). Reads the base layer by layer, so that memory holds it only
 * once.
 */
function fullPenalty(model: LoadedModel, adapter: FullAdapter, settings: PenaltySettings): Penalty {
  const { base, architecture } = model;
  const importance = (name: string): FisherTensor | null => {
    if (settings.kind === "l2-sp") return null;
    const tensor = settings.fisher.tensors.get(name);
    if (!tensor) throw new Error(`Internal: the Fisher lacks ${name}`);
    return tensor;
  };
  return {
    add: async (gradients: Gradients, labelledTokens: number) => {
      const factor = settings.lambda * labelledTokens;
      let sum = 0;
      for (let layer = 0; layer < architecture.layers; layer++) {
        const trained = Object.entries(adapter.layers[layer] ?? {});
        if (trained.length === 0) continue;
        const anchors = await base.layer(layer, layer + 1 < architecture.layers ? layer + 1 : undefined);
        for (const [path, values] of trained) {
          const gradient = gradients.layers[layer]?.[path] as Float32Array;
          const weight = importance(layerName(architecture, layer, path));
          sum += addQuadraticPenalty(values, anchors[path] as Float32Array, weight, factor, gradient);
        }
      }
      for (const { key, name } of rootWeights(architecture)) {
        const [values, anchor, gradient] = [adapter.root[key], base[key], gradients.root[key]];
        if (values && anchor && gradient)
          sum += addQuadraticPenalty(values, tableValues(anchor), importance(name), factor, gradient);
      }
      return (settings.lambda / 2) * sum;
    },
    close: async () => undefined,
  };
}
