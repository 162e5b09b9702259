/**
 * @file Estimates the Fisher information at the base: gradients of single sequences are squared, then summed.
 *
 * The gradient of a sequence is summed over its tokens first. Squares of a batch's mean gradient would be too small
 * by about the batch size, because near an optimum the mean is nearly zero.
 */

import { type Random, xoshiro128From } from "@tunewise/core/math";
import type { EncodedRow } from "@tunewise/core/rows";
import type { TrainedAdapter } from "../adapters/tuned.ts";
import { type Batch, layOut } from "../batch/batch.ts";
import { projections } from "../models/architecture.ts";
import { layerName } from "../models/weight-names.ts";
import type { Fisher } from "../penalties/fisher.ts";
import type { FisherOptions } from "../penalties/settings.ts";
import { sampleOf, type WeightSamples } from "../penalties/weight-sample.ts";
import { Buffers } from "./buffers.ts";
import { probeOf } from "./fisher-probe.ts";
import { runForward } from "./forward.ts";
import { headLogits } from "./head.ts";
import { type LoadedModel, rootOf } from "./loaded-model.ts";
import { trainPass } from "./train-pass.ts";

/**
 * The Fisher information of the weights that an adapter changes, at the base: F = mean over sequences of (sum over
 * tokens of the gradient)^2 / tokens.
 *
 * @param adapter selects the weights; its own values are ignored
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
  const probe = probeOf(architecture, adapter, storage);
  const buffers = new Buffers();
  const random = xoshiro128From(seed, 0xf15e);
  let [examples, tokens] = [0, 0];
  for (const [at, row] of rows.entries()) {
    signal?.throwIfAborted();
    const given = layOut([row], architecture, false, model.flatFrom);
    const count = given.labels.length;
    if (count > 0) {
      const batch = estimator === "sampled" ? await drawLabels(model, given, buffers, random) : given;
      const onLayer = (layer: number): void => probe.addLayer(layer, 1 / count);
      const tuned = probe.parts(batch.ids.length);
      const pass = { model, tuned, activationPolicy: () => "values" as const, buffers, onLayer };
      await trainPass(pass, batch, probe.gradients, true);
      probe.addRoot(1 / count);
      examples++;
      tokens += count;
    }
    onRow?.(at + 1);
  }
  const scale = 1 / Math.max(1, examples);
  const tensors = new Map([...probe.sums].map(([name, sum]) => [name, sum.finish(scale)]));
  const samples = await sampleWeights(model, new Set(tensors.keys()));
  return { facts: { estimator, storage, examples, tokens, modelKey, dataKey }, tensors, samples };
}

/** A sample of the weights of each matrix in the layers. */
async function sampleWeights(
  { base, architecture }: LoadedModel,
  names: ReadonlySet<string>,
): Promise<WeightSamples> {
  const samples = new Map<string, Float32Array>();
  for (let layer = 0; layer < architecture.layers; layer++) {
    const weights = await base.layer(layer);
    for (const { path } of projections(architecture)) {
      const name = layerName(architecture, layer, `${path}.weight`);
      if (names.has(name)) samples.set(name, sampleOf(weights[`${path}.weight`] as Float32Array));
    }
  }
  return samples;
}

/** The batch with labels drawn from the model's own predictions. */
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
    draw(logits.subarray(at * vocabulary, (at + 1) * vocabulary), random()),
  );
  return { ...batch, labels };
}

/** Samples an index from the softmax of the logits. @source inverse of the cumulative distribution */
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
