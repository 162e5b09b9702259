/**
 * @file The training loss of a batch, and its gradients at the head.
 *
 * The head computes the negative log-likelihood with its gradients. A loss f of the labels' log-probabilities l has the
 * same gradients, multiplied by -df/dl of each label.
 */
import { type LossName, losses } from "@tunewise/core/run";
import type { Batch } from "../batch/batch.ts";
import type { Buffers } from "./buffers.ts";
import { type HeadGradients, headLoss, headPass, trainsHead } from "./head.ts";
import type { LoadedModel, RootWeights } from "./loaded-model.ts";

/** The labels of a batch. */
type Labelled = Pick<Batch, "sources" | "labels" | "owners" | "binding">;

/**
 * Computes the training loss and adds its gradients to `gradients`, whose hidden states must be zero before.
 *
 * @param hidden `[N, D]` states before the final norm
 * @returns terms of the loss, which add up to it: nats per label for `nll`, otherwise the loss of each row
 */
export async function trainingLoss(
  name: LossName,
  model: LoadedModel,
  root: RootWeights,
  hidden: Float32Array,
  batch: Labelled,
  buffers: Buffers,
  gradients: HeadGradients,
): Promise<Float64Array> {
  if (losses[name].isLikelihood) {
    return Float64Array.from(await headLoss(model, root, hidden, batch, buffers, gradients));
  }
  if (trainsHead(gradients)) {
    // gradients of norm and table are sums over labels, so the factors are needed before them
    const nll = await headPass("first-pass", model, root, hidden, batch, buffers);
    const { sums, factors } = lossOf(name, nll, batch);
    await headPass("second-pass", model, root, hidden, batch, buffers, gradients, factors);
    return sums;
  }
  const nll = await headLoss(model, root, hidden, batch, buffers, gradients);
  const { sums, factors } = lossOf(name, nll, batch);
  scaleRows(gradients.hidden, batch.sources, factors, model.architecture.hidden);
  return sums;
}

/** The loss of each row, and the factors by which the gradients of the negative log-likelihood are multiplied. */
function lossOf(
  name: LossName,
  nll: Float32Array,
  { owners, binding }: Labelled,
): { readonly sums: Float64Array; readonly factors: Float32Array } {
  const { sums, derivatives } = losses[name].compute({
    logProbabilities: nll.map((value) => -value),
    weights: new Float32Array(nll.length).fill(1), // a row's mask has no other weights
    owners,
    rows: binding["B"] as number,
  });
  return { sums, factors: derivatives.map((value) => -value) };
}

/** Multiplies rows of an array. Positions of labels are distinct (`batch/shared-prefix.ts`): each row is scaled once. */
function scaleRows(values: Float32Array, places: Int32Array, factors: Float32Array, width: number): void {
  for (const [label, place] of places.entries()) {
    const factor = factors[label] as number;
    for (let at = place * width; at < (place + 1) * width; at++) {
      values[at] = factor * (values[at] as number);
    }
  }
}
