/**
 * @file What is kept between forward and backward: speed against memory.
 */
import type { Architecture } from "../models/architecture.ts";
import type { Keeping } from "../models/programs.ts";

/** `auto` keeps values up to so many bytes of them, then recomputes. */
const keptBytesMost = 2e9;

/** Floats kept per token and layer when values are kept: see `kept` in `models/layer.ts`. */
function keptPerToken({ hidden, heads, kvHeads, headWidth, feedForward, postNorms }: Architecture): number {
  return hidden * (2 + (postNorms ? 2 : 0)) + 2 * (heads + kvHeads) * headWidth + 2 * feedForward;
}

/** The choice for a batch of `tokens`. */
export function chooseKeeping(
  recompute: "auto" | "none" | "layer",
  model: Architecture,
  tokens: number,
): Keeping {
  if (recompute !== "auto") return recompute === "none" ? "values" : "input";
  return 4 * keptPerToken(model) * model.layers * tokens <= keptBytesMost ? "values" : "input";
}
