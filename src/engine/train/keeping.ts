/**
 * @file What is kept between forward and backward: speed against memory.
 */
import type { Batch } from "../batch/batch.ts";
import type { Architecture } from "../models/architecture.ts";
import type { Keeping } from "../models/programs.ts";
import { keptWeightsBytesMost } from "../pass/train-pass.ts";

/** `auto` keeps values up to so many bytes of them, then recomputes. */
const keptBytesMost = 2e9;

/** Floats kept per token and layer when values are kept: see `kept` in `models/layer.ts`. */
function keptPerToken({ hidden, heads, kvHeads, headWidth, feedForward, postNorms }: Architecture): number {
  return hidden * (2 + (postNorms ? 2 : 0)) + 2 * (heads + kvHeads) * headWidth + 2 * feedForward;
}

/** Attention weights of a layer: of each head, every query over what it may look at, in blocks. */
function weightFloats(
  { heads }: Architecture,
  { layout, binding }: Pick<Batch, "layout" | "binding">,
): number {
  const { B = 0, T = 0, P = 0 } = binding;
  const share = (blocks: number): number => (blocks + 1) / (2 * blocks);
  return heads * (B * T * (share(layout.blocks) * T + P) + share(layout.prefixBlocks) * P * P);
}

/** The choice for a batch, by layer. */
export function chooseKeeping(
  recompute: "auto" | "none" | "layer",
  model: Architecture,
  batch: Pick<Batch, "layout" | "binding" | "ids">,
): (layer: number) => Keeping {
  if (recompute === "layer") return () => "input";
  const kept = 4 * model.layers * keptPerToken(model) * batch.ids.length;
  if (recompute === "auto" && kept > keptBytesMost) return () => "input";
  const first = Math.floor(keptWeightsBytesMost / (4 * weightFloats(model, batch)));
  return (layer) => (layer < first ? "weights" : "values");
}
