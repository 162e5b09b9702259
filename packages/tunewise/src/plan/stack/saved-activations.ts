/** @file Activations that one layer saves for its backward pass, tensor by tensor. */

import { sum } from "@tunewise/core/math";
import type { ModelDescription, Projection, ProjectionInput } from "../../catalog/index.ts";
import { heldByDora, savedByDora } from "./dora.ts";
import { type Formats, formatsOf } from "./formats.ts";
import { isTrained } from "./is-trained.ts";
import type { StackSetting } from "./setting.ts";

/** Bytes saved by one layer. */
interface SavedActivations {
  /** Per token, outside and inside the feed-forward. */
  readonly attention: number;
  readonly feedForward: number;
  /** Per attention score and head; 0 if scores are not materialized. */
  readonly perScore: number;
  /** Independent of the number of tokens. */
  readonly constant: number;
}

/** Bytes per attention score and head of eager attention. */
export const scoreBytes = {
  /** Saved: weights in float32, and also in the output format if that differs. */
  weights: 4,
  /**
   * Live during the softmax backward pass: weights in float32, their gradient in both formats, the gradient of the
   * scores. Measured on a T4, eager attention with recomputation: 13.7 and 14.5.
   */
  backward: 14,
} as const;

/**
 * Sums the tensors that autograd saves in one decoder layer.
 *
 * A product saves its input if its matrix or an adapter is trained. A norm saves a float32 copy of its input. Attention
 * saves queries, keys, values and its output. A gated feed-forward saves gate, activation and up.
 *
 * @source counted with bench/kept-tensors.py on transformers, PEFT, LitGPT and torchtune; Korthikanti et al. 2022
 *   (arXiv 2205.05198), section 4, for the method
 */
export function savedInLayer(setting: StackSetting): SavedActivations {
  const formats = formatsOf(setting);
  const norms = normBytes(setting, formats);
  const inputs = trainedInputs(setting, formats);
  const quantized = quantizedInputs(setting, formats);
  return {
    attention: norms / 2 + attentionBytes(setting, formats) + inputs.attention + quantized.attention,
    feedForward: norms / 2 + feedForwardBytes(setting, formats) + inputs.feedForward + quantized.feedForward,
    perScore: setting.attention === "eager" ? savedScores(setting.model, formats) : 0,
    constant: heldByDora(setting),
  };
}

function normBytes({ model, trained, stack }: StackSetting, { stream }: Formats): number {
  const { hidden, hiddenNorms, queryKeyNorms, heads, kvHeads, headWidth, norm } = model;
  const perValue = norm === "layer" || stack.norms === "fused" ? stream : 4;
  // A trained scale also needs the normalized values.
  const scaled = trained.kind === "full" && norm === "rms" && stack.norms === "eager" ? stream : 0;
  const width = hiddenNorms * hidden + (queryKeyNorms === "none" ? 0 : (heads + kvHeads) * headWidth);
  return width * (perValue + scaled);
}

function attentionBytes(setting: StackSetting, formats: Formats): number {
  const { model, stack, attention, trained } = setting;
  const { heads, kvHeads, headWidth, projections } = model;
  const query = heads * headWidth;
  const key = kvHeads * headWidth;
  const read = stack.repeatsKeys || attention === "eager" ? query : key;
  const logSums = attention === "fused" ? 4 * heads : 0;
  const merged = stack.mergesAttention ? query + key : 0;
  // An adapter on a part of a merged product is written into zeros of the full size, and the result is saved.
  const first = projections.filter(({ reads }) => reads === "layer");
  const written =
    stack.mergesAttention && trained.kind !== "full" ? writtenWidth(first, setting, query + key) : 0;
  return (2 * query + 2 * read + merged + written) * formats.attention + logSums;
}

function writtenWidth(first: readonly Projection[], setting: StackSetting, whole: number): number {
  if (first.length === 1) return whole; // the adapter's default targets: queries and values
  const chosen = first.filter((one) => isTrained(setting, one));
  return chosen.length === first.length ? 0 : sum(chosen.map(({ outputWidth }) => outputWidth));
}

function feedForwardBytes({ model, stack }: StackSetting, { result }: Formats): number {
  const width = model.feedForward * model.activeExperts;
  if (!model.gated) return width * result;
  return width * result * (stack.feedForward === "eager" ? 3 : 2);
}

/** Bytes per token in each half of the layer. */
type Halves = Pick<SavedActivations, "attention" | "feedForward">;

/**
 * Saved inputs of products with a trained matrix or adapter: one copy per adapter, or one shared copy. With dropout
 * each adapter saves its masked input, and a mask of one byte per value.
 */
function trainedInputs(setting: StackSetting, formats: Formats): Halves {
  const { model, trained, stack } = setting;
  const rank = trained.kind === "full" ? 0 : trained.rank;
  const dropout = trained.kind === "full" ? 0 : trained.dropout;
  return inHalves(model, (reads, readers) => {
    const chosen = readers.filter((one) => isTrained(setting, one));
    const [first] = chosen;
    if (!first) return 0;
    const low =
      rank * stack.adapterBytes * sum(chosen.map(({ activeCopies }) => activeCopies)) +
      sum(chosen.map((one) => savedByDora(setting, one, formats)));
    const copy = (formats.input + (dropout > 0 ? 1 : 0)) * widthOf(first);
    const copies = stack.mergesAttention && reads === "layer" ? 1 : chosen.length;
    if (!formats.sharesInputs || dropout > 0) return low + copies * copy;
    const isKeptAnyway = reads === "attended" && formats.input === formats.attention;
    return low + (isKeptAnyway ? 0 : copy);
  });
}

/** Inputs that a quantized product saves although no gradient needs them. */
function quantizedInputs(setting: StackSetting, { input }: Formats): Halves {
  const { model, trained, stack } = setting;
  if (trained.kind !== "qlora" || !stack.quantizedKeepsInput) return { attention: 0, feedForward: 0 };
  return inHalves(model, (reads, readers) => {
    const isShared = trained.dropout === 0 && readers.some((one) => isTrained(setting, one));
    const [first] = readers;
    return !first || reads === "attended" || isShared ? 0 : input * widthOf(first);
  });
}

function inHalves(
  model: ModelDescription,
  bytes: (reads: ProjectionInput, readers: readonly Projection[]) => number,
): Halves {
  const of = (reads: ProjectionInput): number =>
    bytes(
      reads,
      model.projections.filter((projection) => projection.reads === reads),
    );
  return { attention: of("layer") + of("attended"), feedForward: of("feed-forward") + of("activated") };
}

/** Input values of a projection per token; each expert has its own activations. */
function widthOf({ reads, inputWidth, activeCopies }: Projection): number {
  return inputWidth * (reads === "activated" ? activeCopies : 1);
}

function savedScores({ softCaps }: ModelDescription, { result }: Formats): number {
  return scoreBytes.weights + (result === 4 ? 0 : result) + (softCaps ? result : 0);
}
