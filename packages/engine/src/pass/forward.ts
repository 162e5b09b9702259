/** @file The forward pass without gradients. */
import { type Batch, batchFeeds } from "../batch/batch.ts";
import type { Feeds } from "../runtime/session.ts";
import { Buffers } from "./buffers.ts";
import { embed, type LoadedModel, layerFeeds, rootOf, type Tuned } from "./loaded-model.ts";

/** Receives the rotated keys and the values of each layer, `[N, K*E]`, valid until the next layer. */
export type OnLayer = (layer: number, key: Float32Array, value: Float32Array) => void;

/**
 * Hidden states after the last layer, before the final norm.
 *
 * @param extra further inputs of a layer, for a KV cache
 * @returns `[N, D]`, the flat tokens of the batch
 */
export async function runForward(
  model: LoadedModel,
  tuned: Tuned | null,
  batch: Pick<Batch, "layout" | "binding" | "ids" | "positions" | "feeds" | "masks" | "rotations">,
  buffers: Buffers = new Buffers(),
  hooks: { readonly onLayer?: OnLayer; readonly extra?: (layer: number) => Feeds } = {},
): Promise<Float32Array> {
  const { architecture, programs } = model;
  const { hidden, kvHeads, headWidth, layers } = architecture;
  const session = await programs.forward(batch.layout, tuned?.forwardShape ?? null);
  const tokens = batch.ids.length;
  let x = buffers.take("forward.even", tokens * hidden);
  let y = buffers.take("forward.odd", tokens * hidden);
  const key = buffers.take("forward.key", tokens * kvHeads * headWidth);
  const value = buffers.take("forward.value", tokens * kvHeads * headWidth);
  embed(model, rootOf(model, tuned), batch, x);
  for (let layer = 0; layer < layers; layer++) {
    const inputs = {
      ...batchFeeds(batch, architecture, layer),
      ...(await layerFeeds(model, tuned, layer, (layer + 1) % layers)),
      ...hooks.extra?.(layer),
      x,
    };
    await session.run(batch.binding, inputs, { y, key, value });
    hooks.onLayer?.(layer, key, value);
    [x, y] = [y, x];
  }
  return x;
}
