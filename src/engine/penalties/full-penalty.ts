/**
 * @file The penalty of a full fine-tune: each weight is pulled back by how much it matters.
 */
import type { FullAdapter } from "../adapters/full.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import type { Gradients } from "../pass/train-pass.ts";
import { brainValues, type FisherTensor } from "./fisher.ts";
import type { Penalty, PenaltySettings } from "./settings.ts";

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
          sum += pull(values, anchors[path] as Float32Array, weight, factor, gradient);
        }
      }
      const { embedding, norm, head } = adapter.root;
      const root = [
        ["model.embed_tokens.weight", embedding, base.embedding, gradients.root.embedding],
        ["model.norm.weight", norm, base.norm, gradients.root.norm],
        ["lm_head.weight", architecture.tied ? undefined : head, base.head, gradients.root.head],
      ] as const;
      for (const [name, values, anchor, gradient] of root) {
        if (values && gradient) sum += pull(values, anchor, importance(name), factor, gradient);
      }
      return (settings.lambda / 2) * sum;
    },
    close: async () => undefined,
  };
}

/** Adds factor F (w - w0) to the gradient; gives the sum of F (w - w0)^2. */
function pull(
  values: Float32Array,
  anchor: Float32Array,
  importance: FisherTensor | null,
  factor: number,
  gradient: Float32Array,
): number {
  let sum = 0;
  const each = (at: number, weight: number): void => {
    const moved = (values[at] as number) - (anchor[at] as number);
    gradient[at] = (gradient[at] as number) + factor * weight * moved;
    sum += weight * moved * moved;
  };
  if (importance === null) {
    for (let at = 0; at < values.length; at++) each(at, 1);
  } else if (importance.kind === "full") {
    const weights = brainValues(importance.bits);
    for (let at = 0; at < values.length; at++) each(at, weights[at] as number);
  } else {
    const { rows, columns } = importance;
    const mean = columns.reduce((total, value) => total + value, 0) / columns.length;
    const inverse = mean > 0 ? 1 / mean : 0;
    for (const [row, byRow] of rows.entries()) {
      const from = row * columns.length;
      for (const [column, byColumn] of columns.entries()) each(from + column, byRow * byColumn * inverse);
    }
  }
  return sum;
}
