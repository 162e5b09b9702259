/**
 * @file The penalty of a full fine-tune: each weight is pulled back by how much it matters.
 */
import type { FullAdapter } from "../adapters/full.ts";
import type { FisherTensor } from "../penalties/fisher.ts";
import { pullTowardsBase } from "../penalties/pull-towards-base.ts";
import type { Penalty, PenaltySettings } from "../penalties/settings.ts";
import type { LoadedModel } from "./loaded-model.ts";
import type { Gradients } from "./train-pass.ts";

/** Gradient of lambda / 2 F (w - w0)^2: lambda F (w - w0). The base is read layer by layer, so that it is held once. */
export function fullPenalty(model: LoadedModel, adapter: FullAdapter, settings: PenaltySettings): Penalty {
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
          const weight = importance(`model.layers.${layer}.${path}`);
          sum += pullTowardsBase(values, anchors[path] as Float32Array, weight, factor, gradient);
        }
      }
      const { embedding, norm, head } = adapter.root;
      const root = [
        ["model.embed_tokens.weight", embedding, base.embedding, gradients.root.embedding],
        ["model.norm.weight", norm, base.norm, gradients.root.norm],
        ["lm_head.weight", architecture.tied ? undefined : head, base.head, gradients.root.head],
      ] as const;
      for (const [name, values, anchor, gradient] of root) {
        if (values && gradient) sum += pullTowardsBase(values, anchor, importance(name), factor, gradient);
      }
      return (settings.lambda / 2) * sum;
    },
    close: async () => undefined,
  };
}
