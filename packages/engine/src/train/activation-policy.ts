/**
 * @file Activation policy: which activations stay in memory between forward and backward, and which are recomputed
 *   (gradient checkpointing).
 */
import type { Batch } from "../batch/batch.ts";
import type { Architecture } from "../models/architecture.ts";
import type { ActivationPolicy } from "../models/programs.ts";
import { maxKeptWeightBytes } from "../pass/train-pass.ts";

/** `auto` retains activations up to this many bytes in total; beyond it every layer recomputes them. */
const maxKeptBytes = 2e9;

/** Floats retained per token and layer; see `kept` in `models/layer.ts`. */
function keptPerToken(model: Architecture): number {
  const { hidden, heads, kvHeads, headWidth, feedForward, norms, paths, experts } = model;
  const after = [norms.attention.after, norms.feedForward.after].filter((path) => path !== null).length;
  return (
    hidden * (2 + after) +
    2 * (heads + kvHeads) * headWidth +
    (experts ? 0 : paths.gate === null ? 1 : 2) * feedForward
  );
}

/** Attention weights of a layer: for each head, every query over the keys it can attend to, in blocks. */
function weightFloats(
  { heads }: Architecture,
  { layout, binding }: Pick<Batch, "layout" | "binding">,
): number {
  const { B = 0, T = 0, P = 0 } = binding;
  const share = (blocks: number): number => (blocks + 1) / (2 * blocks);
  return heads * (B * T * (share(layout.blocks) * T + P) + share(layout.prefixBlocks) * P * P);
}

/** Chooses the activation policy of each layer for a batch. */
export function chooseActivationPolicy(
  recompute: "auto" | "none" | "layer",
  model: Architecture,
  batch: Pick<Batch, "layout" | "binding" | "ids">,
): (layer: number) => ActivationPolicy {
  if (recompute === "layer") return () => "input";
  const kept = 4 * model.layers * keptPerToken(model) * batch.ids.length;
  if (recompute === "auto" && kept > maxKeptBytes) return () => "input";
  // blockwise attention has no weights to retain
  if (batch.layout.grid === "flat") return () => "values";
  const first = Math.floor(maxKeptWeightBytes / (4 * weightFloats(model, batch)));
  return (layer) => (layer < first ? "weights" : "values");
}
