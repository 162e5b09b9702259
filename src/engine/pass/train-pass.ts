/**
 * @file One forward and backward pass of a batch: loss and adapter gradients.
 */
import type { LoraAdapter } from "../adapters/lora.ts";
import type { Batch } from "../batch/batch.ts";
import { elementCount, evaluateShape } from "../graph/shape.ts";
import type { Keeping, LayerPair } from "../models/programs.ts";
import type { Feeds } from "../runtime/session.ts";
import type { Buffers } from "./buffers.ts";
import { headLoss } from "./head.ts";
import { embed, type LoadedModel } from "./loaded-model.ts";

/** Gradients by layer and port, in the shape of `LoraAdapter.layers`. */
export type AdapterGradients = readonly Readonly<Record<string, Float32Array>>[];

/** Everything a pass works with. */
export interface TrainPass {
  readonly model: LoadedModel;
  readonly adapter: LoraAdapter;
  /** By layer. */
  readonly keeping: (layer: number) => Keeping;
  readonly buffers: Buffers;
  /** Dropout masks of a layer, `<target>.mask`; needed where the adapter drops. */
  readonly masks?: (layer: number, tokens: number) => Feeds;
}

/**
 * Adds the gradients of the summed loss over the batch's labels to `gradients`.
 *
 * @param fresh the gradients hold nothing yet and are overwritten, which saves a pass over them
 * @returns nats per label
 */
export async function trainPass(
  pass: TrainPass,
  batch: Batch,
  gradients: AdapterGradients,
  fresh: boolean,
): Promise<Float32Array> {
  const { model, adapter, keeping, buffers, masks } = pass;
  const { hidden, windows } = model.architecture;
  const layers = model.architecture.layers;
  const pairs = await Promise.all(
    Array.from({ length: layers }, (_, at) => model.programs.pair(batch.layout, adapter.shape, keeping(at))),
  );
  const pairOf = (layer: number): LayerPair => pairs[layer] as LayerPair;
  const tokens = batch.ids.length;
  const state = (layer: number): Float32Array => buffers.take(`state.${layer}`, tokens * hidden);
  const values = (layer: number): Record<string, Float32Array> =>
    Object.fromEntries(
      pairOf(layer).kept.map(({ name, shape }) => {
        const count = elementCount(evaluateShape(shape, batch.binding));
        return [name, buffers.take(`${layer}.${name}`, count)];
      }),
    );
  const inputs = (layer: number): Feeds => ({
    ...batch.feeds,
    ...batch.masks.get(windows[layer] ?? null),
    ...model.weights.layers[layer],
    ...adapter.layers[layer],
    ...masks?.(layer, tokens),
    x: state(layer),
  });

  embed(model, batch.ids, state(0));
  for (let layer = 0; layer < layers; layer++) {
    await pairOf(layer).forward.run(batch.binding, inputs(layer), { y: state(layer + 1), ...values(layer) });
  }
  let gy = buffers.take("gradient.even", tokens * hidden).fill(0);
  let gx = buffers.take("gradient.odd", tokens * hidden);
  const nll = await headLoss(model, state(layers), batch.sources, batch.labels, buffers, gy);
  for (let layer = layers - 1; layer >= 0; layer--) {
    const target = gradients[layer] ?? {};
    const found: Record<string, Float32Array> = {};
    for (const [port, sum] of Object.entries(target)) {
      found[`g.${port}`] = fresh ? sum : buffers.take(`adapter.${port}`, sum.length);
    }
    const feeds = { ...inputs(layer), ...values(layer), gy };
    await pairOf(layer).backward.run(batch.binding, feeds, { gx, ...found });
    if (!fresh) {
      for (const [port, sum] of Object.entries(target)) addInto(sum, found[`g.${port}`] as Float32Array);
    }
    [gy, gx] = [gx, gy];
  }
  return nll;
}

function addInto(sum: Float32Array, part: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
}
