/**
 * @file One forward and backward pass of a batch: loss and adapter gradients.
 */
import type { LoraAdapter } from "../adapters/lora.ts";
import type { Batch } from "../batch/batch.ts";
import { type Binding, elementCount, evaluateShape } from "../graph/shape.ts";
import { type Keeping, keptWeightsPrefix, type LayerPair } from "../models/programs.ts";
import type { Feeds } from "../runtime/session.ts";
import type { Buffers } from "./buffers.ts";
import { headLoss } from "./head.ts";
import { embed, type LoadedModel } from "./loaded-model.ts";

/** Attention's weights are kept in as many layers as fit into so many bytes: in long rows they would take too much. */
export const keptWeightsBytesMost = 3e8;

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
  const last = buffers.take("last", tokens * hidden);
  const held = hold(buffers, pairs, batch.binding, tokens * hidden);
  const state = (layer: number): Float32Array => held[layer]?.state ?? last;
  const values = (layer: number): Readonly<Record<string, Float32Array>> => held[layer]?.values ?? {};
  const inputs = async (layer: number, next: number): Promise<Feeds> => ({
    ...batch.feeds,
    ...batch.masks.get(windows[layer] ?? null),
    ...(await model.base.layer(layer, next)),
    ...adapter.layers[layer],
    ...masks?.(layer, tokens),
    x: state(layer),
  });

  embed(model, batch.ids, state(0));
  for (let layer = 0; layer < layers; layer++) {
    // the backward pass begins with the last layer: it is at hand already
    const feeds = await inputs(layer, Math.min(layer + 1, layers - 1));
    await pairOf(layer).forward.run(batch.binding, feeds, { y: state(layer + 1), ...values(layer) });
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
    const feeds = { ...(await inputs(layer, Math.max(layer - 1, 0))), ...values(layer), gy };
    await pairOf(layer).backward.run(batch.binding, feeds, { gx, ...found });
    if (!fresh) {
      for (const [port, sum] of Object.entries(target)) addInto(sum, found[`g.${port}`] as Float32Array);
    }
    [gy, gx] = [gx, gy];
  }
  return nll;
}

/** What stays of a layer between forward and backward: its input, and the values its backward program asks for. */
interface Held {
  readonly state: Float32Array;
  readonly values: Readonly<Record<string, Float32Array>>;
}

/**
 * Memory for what stays of each layer. Attention's weights of all layers lie in one array: how many layers keep them
 * changes from batch to batch, their bytes in all hardly.
 */
function hold(
  buffers: Buffers,
  pairs: readonly LayerPair[],
  binding: Binding,
  stateFloats: number,
): readonly Held[] {
  const ports = pairs.map(({ kept }) =>
    kept.map(({ name, shape }) => [name, elementCount(evaluateShape(shape, binding))] as const),
  );
  const isWeights = (name: string): boolean => name.startsWith(keptWeightsPrefix);
  const weights = buffers.takeParts(
    "weights",
    ports.flatMap((own, layer) =>
      own.filter(([name]) => isWeights(name)).map(([name, count]) => [`${layer}.${name}`, count] as const),
    ),
    keptWeightsBytesMost / Float32Array.BYTES_PER_ELEMENT,
  );
  return ports.map((own, layer) => {
    const rest = own.filter(([name]) => !isWeights(name));
    const { state, ...values } = buffers.takeParts(`layer.${layer}`, [["state", stateFloats], ...rest]);
    for (const [name] of own) if (isWeights(name)) values[name] = weights[`${layer}.${name}`] as Float32Array;
    return { state: state as Float32Array, values };
  });
}

function addInto(sum: Float32Array, part: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
}
