/** @file One forward and backward pass of a batch: loss and adapter gradients. */
import type { LossName } from "@tunewise/core/run";
import { type Batch, batchFeeds } from "../batch/batch.ts";
import { type Binding, elementCount, evaluateShape } from "../graph/shape.ts";
import type { Architecture } from "../models/architecture.ts";
import type { TunedShape } from "../models/layer.ts";
import { type ActivationPolicy, keptWeightsPrefix, type LayerPair } from "../models/programs.ts";
import type { RootKey } from "../models/weight-names.ts";
import type { Port } from "../onnx/writer.ts";
import type { Feeds } from "../runtime/session.ts";
import { addInto } from "./add-into.ts";
import type { Buffers } from "./buffers.ts";
import { addRows } from "./head.ts";
import { embed, type LoadedModel, layerFeeds, rootOf, type Tuned } from "./loaded-model.ts";
import { trainingLoss } from "./training-loss.ts";

/**
 * Byte limit of retained attention weights, which grow with the square of a row's length. Only as many layers retain
 * them as fit.
 */
export const maxKeptWeightBytes = 3e8;

/** The parts of a model that a pass trains. */
export interface TrainedParts extends Tuned {
  /** The shape that a layer's programs depend on. */
  shapeOf(layer: number): TunedShape;
  /** Index of the first layer that needs gradients: neither earlier layers nor the embedding are trained. */
  readonly firstLayer: number;
}

/** Gradients in the shape of the trained values; those outside the layers by role. */
export interface Gradients {
  readonly layers: readonly Readonly<Record<string, Float32Array>>[];
  readonly root: Readonly<Partial<Record<RootKey, Float32Array>>>;
}

/** Zeroed gradients for all trained values. */
export function emptyGradients({ layers, root }: TrainedParts): Gradients {
  const made = new Map<Float32Array, Float32Array>();
  const like = (weights: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
    Object.fromEntries(
      Object.entries(weights).map(([name, values]) => {
        // a tied head shares the embedding's gradient as it shares its values
        const gradient = made.get(values) ?? new Float32Array(values.length);
        made.set(values, gradient);
        return [name, gradient];
      }),
    );
  return { layers: layers.map(like), root: like(root) };
}

/** Everything a pass works with. */
export interface TrainPass {
  readonly model: LoadedModel;
  readonly tuned: TrainedParts;
  /** Activation policy of each layer. */
  readonly activationPolicy: (layer: number) => ActivationPolicy;
  readonly buffers: Buffers;
  /** Absent: `nll`. */
  readonly loss?: LossName;
  /** Called when a layer's gradients are complete; the next layer may overwrite their memory. */
  readonly onLayer?: (layer: number) => void;
  /** Dropout masks of a layer, `<target>.mask`; required if the adapter uses dropout. */
  readonly masks?: (layer: number, tokens: number) => Feeds;
}

/**
 * Adds the gradients of the summed loss over the batch's labels to `gradients`.
 *
 * @param isFirst overwrites the gradients instead of adding to them, which saves a pass over them
 * @returns terms of the loss, which add up to it: nats per label for `nll`, otherwise the loss of each row
 */
export async function trainPass(
  pass: TrainPass,
  batch: Batch,
  gradients: Gradients,
  isFirst: boolean,
): Promise<Float64Array> {
  const { model, tuned, activationPolicy, buffers, masks, onLayer, loss = "nll" } = pass;
  const { hidden, layers, tied } = model.architecture;
  const first = Math.min(tuned.firstLayer, layers);
  const frozen = first > 0 ? await model.programs.forward(batch.layout, null) : null;
  const pairs = await Promise.all(
    Array.from({ length: layers - first }, (_, at) =>
      model.programs.pair(batch.layout, tuned.shapeOf(first + at), activationPolicy(first + at)),
    ),
  );
  const pairOf = (layer: number): LayerPair => pairs[layer - first] as LayerPair;
  const tokens = batch.ids.length;
  const last = buffers.take("last", tokens * hidden);
  const retained = allocateRetained(buffers, pairs, batch.binding, tokens * hidden);
  const passing = frozen ? passingStates(buffers, model.architecture, tokens) : null;
  // layers before the first trained one alternate between two arrays
  const state = (layer: number): Float32Array =>
    layer < first && passing
      ? (passing.states[layer % 2] as Float32Array)
      : (retained[layer - first]?.state ?? last);
  const values = (layer: number): Retaining => retained[layer - first]?.values ?? {};
  const inputs = async (layer: number, next: number): Promise<Feeds> => ({
    ...batchFeeds(batch, model.architecture, layer),
    ...(await layerFeeds(model, tuned, layer, next)),
    ...masks?.(layer, tokens),
    x: state(layer),
  });

  const root = rootOf(model, tuned);
  embed(model, root, batch, state(0));
  for (let layer = 0; layer < layers; layer++) {
    // the backward pass starts with the last layer, which is already in memory
    const feeds = await inputs(layer, Math.min(layer + 1, layers - 1));
    const y = state(layer + 1);
    if (layer < first && frozen && passing) {
      await frozen.run(batch.binding, feeds, { y, key: passing.key, value: passing.value });
    } else await pairOf(layer).forward.run(batch.binding, feeds, { y, ...values(layer) });
  }
  if (isFirst) for (const gradient of Object.values(gradients.root)) gradient.fill(0);
  let gy = buffers.take("gradient.even", tokens * hidden).fill(0);
  let gx = buffers.take("gradient.odd", tokens * hidden);
  const terms = await trainingLoss(loss, model, root, state(layers), batch, buffers, {
    hidden: gy,
    norm: gradients.root.norm ?? null,
    normBias: gradients.root.normBias ?? null,
    table: (tied ? gradients.root.embedding : gradients.root.head) ?? null,
  });
  for (let layer = layers - 1; layer >= first; layer--) {
    const target = gradients.layers[layer] ?? {};
    const found: Record<string, Float32Array> = {};
    for (const [port, sum] of Object.entries(target)) {
      found[`g.${port}`] = isFirst ? sum : buffers.take(`tuned.${port}`, sum.length);
    }
    const feeds = { ...(await inputs(layer, Math.max(layer - 1, first))), ...values(layer), gy };
    await pairOf(layer).backward.run(batch.binding, feeds, { gx, ...found });
    if (!isFirst) {
      for (const [port, sum] of Object.entries(target)) addInto(sum, found[`g.${port}`] as Float32Array);
    }
    onLayer?.(layer);
    [gy, gx] = [gx, gy];
  }
  addEmbedding(gy, batch, model.architecture, gradients.root);
  return terms;
}

/** Adds the gradients of the embedding and of learned positions, given the gradient of the first layer's input. */
function addEmbedding(
  gx: Float32Array,
  { ids, positions: places }: Batch,
  { hidden, embeddingScale }: Architecture,
  { embedding, positions }: Gradients["root"],
): void {
  if (embedding) addRows(gx, ids, hidden, embedding, embeddingScale);
  if (positions) addRows(gx, places, hidden, positions, 1);
}

/** Arrays for layers that retain no activations. */
function passingStates(
  buffers: Buffers,
  { hidden, kvHeads, headWidth }: Architecture,
  tokens: number,
): { readonly states: readonly Float32Array[]; readonly key: Float32Array; readonly value: Float32Array } {
  const states = ["passing.even", "passing.odd"].map((name) => buffers.take(name, tokens * hidden));
  const [key, value] = ["passing.key", "passing.value"].map((name) =>
    buffers.take(name, tokens * kvHeads * headWidth),
  );
  return { states, key: key as Float32Array, value: value as Float32Array };
}

/** Activations that a layer retains between forward and backward: its input, and the inputs of its backward program. */
interface Retained {
  readonly state: Float32Array;
  readonly values: Retaining;
}

/** Retained arrays by port. */
type Retaining = Readonly<Record<string, Float32Array | Uint16Array>>;

/**
 * Allocates the retained activations of all layers. The attention weights of all layers share one array, because the
 * number of layers that retain them varies from batch to batch, but their total size hardly does.
 */
function allocateRetained(
  buffers: Buffers,
  pairs: readonly LayerPair[],
  binding: Binding,
  stateFloats: number,
): readonly Retained[] {
  const countOf = ({ shape }: Port): number => elementCount(evaluateShape(shape, binding));
  const ports = pairs.map(({ kept }) =>
    kept.map((port) => [port.name, isNarrow(port) ? Math.ceil(countOf(port) / 2) : countOf(port)] as const),
  );
  const isWeights = (name: string): boolean => name.startsWith(keptWeightsPrefix);
  const weights = buffers.takeParts(
    "weights",
    ports.flatMap((own, layer) =>
      own.filter(([name]) => isWeights(name)).map(([name, count]) => [`${layer}.${name}`, count] as const),
    ),
    maxKeptWeightBytes / Float32Array.BYTES_PER_ELEMENT,
  );
  return pairs.map(({ kept }, layer) => {
    const rest = (ports[layer] ?? []).filter(([name]) => !isWeights(name));
    const { state, ...own } = buffers.takeParts(`layer.${layer}`, [["state", stateFloats], ...rest]);
    const values = kept.map((port) => {
      const { name } = port;
      const part = (isWeights(name) ? weights[`${layer}.${name}`] : own[name]) as Float32Array;
      return [name, isNarrow(port) ? new Uint16Array(part.buffer, part.byteOffset, countOf(port)) : part];
    });
    return { state: state as Float32Array, values: Object.fromEntries(values) };
  });
}

/** Whether a port's numbers are bfloat16, which takes 2 bytes. */
function isNarrow({ type }: Port): boolean {
  return type === "bfloat16";
}
