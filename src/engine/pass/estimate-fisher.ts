/**
 * @file Estimates a Fisher: gradients of single sequences at the base, squared before they are summed.
 *
 * The gradient of a sequence is summed over its tokens first. Squares of a batch's mean gradient would be too small by
 * about the size of the batch, because near an optimum the mean is nearly zero.
 */
import type { EncodedRow } from "../../dataset/index.ts";
import type { TrainedAdapter } from "../adapters/tuned.ts";
import { type Batch, layOut } from "../batch/batch.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { layerWeights } from "../models/layer.ts";
import { type Fisher, type FisherFacts, type FisherSum, sumFisher } from "../penalties/fisher.ts";
import type { FisherOptions } from "../penalties/settings.ts";
import { createRandom, type Random } from "../random/random.ts";
import { Buffers } from "./buffers.ts";
import { runForward } from "./forward.ts";
import { headLogits } from "./head.ts";
import { type LoadedModel, rootOf } from "./loaded-model.ts";
import { type Gradients, type TrainedParts, trainPass } from "./train-pass.ts";

/**
 * The Fisher of the weights that an adapter changes, at the base: F = mean over sequences of (sum over tokens of the
 * gradient)^2 / tokens.
 *
 * @param adapter says which weights; its own values are not looked at
 * @param rows sequences, one example each
 * @source Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3, as a mean per token
 */
export async function estimateFisher(
  model: LoadedModel,
  adapter: TrainedAdapter,
  rows: readonly EncodedRow[],
  { estimator, storage, modelKey, dataKey, seed, onRow, signal }: FisherOptions,
): Promise<Fisher> {
  const { architecture } = model;
  const probe = probeOf(architecture, adapter);
  const sums = probe.names(storage);
  const buffers = new Buffers();
  const random = createRandom(seed, 0xf15e);
  let [examples, tokens] = [0, 0];
  for (const [at, row] of rows.entries()) {
    signal?.throwIfAborted();
    const given = layOut([row], architecture, false);
    const count = given.labels.length;
    if (count > 0) {
      const batch = estimator === "sampled" ? await drawLabels(model, given, buffers, random) : given;
      const add = (name: string, gradient: Float32Array): void => sums.get(name)?.add(gradient, 1 / count);
      const onLayer = (layer: number): void => {
        for (const [path, gradient] of Object.entries(probe.gradients.layers[layer] ?? {})) {
          add(`model.layers.${layer}.${path}`, gradient);
        }
      };
      const pass = { model, tuned: probe.parts, keeping: () => "values" as const, buffers, onLayer };
      await trainPass(pass, batch, probe.gradients, true);
      for (const [name, gradient] of probe.root) add(name, gradient);
      examples++;
      tokens += count;
    }
    onRow?.(at + 1);
  }
  const scale = 1 / Math.max(1, examples);
  const tensors = new Map([...sums].map(([name, sum]) => [name, sum.finish(scale)]));
  return { facts: { estimator, storage, examples, tokens, modelKey, dataKey }, tensors };
}

/** The base's weights as something to be differentiated, with places for the gradients. */
interface Probe {
  readonly parts: TrainedParts;
  /** All layers share one place for each weight. */
  readonly gradients: Gradients;
  readonly root: readonly (readonly [name: string, gradient: Float32Array])[];
  names(storage: FisherFacts["storage"]): Map<string, FisherSum>;
}

function probeOf(model: Architecture, adapter: TrainedAdapter): Probe {
  const shapes = new Map(layerWeights(model).map(({ name, shape }) => [name, shape]));
  const pathsOf = (layer: number): string[] =>
    adapter.kind === "full"
      ? Object.keys(adapter.layers[layer] ?? {})
      : projections(model)
          .filter(({ name }) => adapter.settings.targets.includes(name))
          .map(({ path }) => `${path}.weight`);
  const layers = Array.from({ length: model.layers }, (_, layer) => pathsOf(layer));
  const places = new Map<string, Float32Array>();
  for (const path of new Set(layers.flat()))
    places.set(path, new Float32Array(countOf(shapes.get(path) ?? [])));
  const root = adapter.kind === "full" ? rootPlaces(model, adapter.root) : {};
  const named = [
    ["model.embed_tokens.weight", root.embedding, [model.vocabulary, model.hidden]],
    ["model.norm.weight", root.norm, [model.hidden]],
    ["lm_head.weight", model.tied ? undefined : root.head, [model.vocabulary, model.hidden]],
  ] as const;
  const rootNamed = named.flatMap(([name, gradient, shape]) => (gradient ? [{ name, gradient, shape }] : []));
  return {
    parts: {
      layers: layers.map(() => ({})),
      root: {},
      isWhole: () => false,
      forwardShape: null,
      shapeOf: (layer) => ({ kind: "full", trained: layers[layer] ?? [] }),
      firstLayer: root.embedding
        ? 0
        : Math.max(
            0,
            layers.findIndex((paths) => paths.length > 0),
          ),
    },
    gradients: {
      layers: layers.map((paths) =>
        Object.fromEntries(paths.map((path) => [path, places.get(path) as Float32Array])),
      ),
      root,
    },
    root: rootNamed.map(({ name, gradient }) => [name, gradient]),
    names: (storage) =>
      new Map([
        ...layers.flatMap((paths, layer) =>
          paths.map(
            (path) => [`model.layers.${layer}.${path}`, sumFisher(shapes.get(path) ?? [], storage)] as const,
          ),
        ),
        ...rootNamed.map(({ name, shape }) => [name, sumFisher(shape, storage)] as const),
      ]),
  };
}

function rootPlaces({ tied }: Architecture, trained: TrainedParts["root"]): Gradients["root"] {
  const like = (values: Float32Array | undefined): Float32Array | undefined =>
    values && new Float32Array(values.length);
  const [embedding, norm] = [like(trained.embedding), like(trained.norm)];
  const head = tied ? embedding : like(trained.head);
  return { ...(embedding ? { embedding } : {}), ...(norm ? { norm } : {}), ...(head ? { head } : {}) };
}

/** The batch with labels that the model itself would give. */
async function drawLabels(
  model: LoadedModel,
  batch: Batch,
  buffers: Buffers,
  random: Random,
): Promise<Batch> {
  const hidden = await runForward(model, null, batch, buffers);
  const logits = await headLogits(model, rootOf(model, null), hidden, batch.sources, buffers);
  const { vocabulary } = model.architecture;
  const labels = Int32Array.from(batch.sources, (_, at) =>
    draw(logits.subarray(at * vocabulary, (at + 1) * vocabulary), random.uniform()),
  );
  return { ...batch, labels };
}

/** An index by the softmax of the logits. @source inverse of the cumulative distribution */
function draw(logits: Float32Array, uniform: number): number {
  const most = logits.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - most), 0);
  let left = uniform * total;
  for (let at = 0; at < logits.length; at++) {
    left -= Math.exp((logits[at] as number) - most);
    if (left < 0) return at;
  }
  return logits.length - 1;
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
