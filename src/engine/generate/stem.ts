/**
 * @file The text that all prompts of a call begin with, instructions mostly, read once for all of them.
 */
import { layOut } from "../batch/batch.ts";
import { sharedPrefix } from "../batch/shared-prefix.ts";
import { runForward } from "../pass/forward.ts";
import type { KeyValueCache } from "./cache.ts";
import { onLayer, type Reading, unlabelled } from "./reading.ts";

/** Keys and values of the first tokens of every prompt. */
export interface Stem {
  /** Tokens. */
  readonly length: number;
  /** By layer, `[length, K*E]`. */
  readonly layers: readonly { readonly key: Float32Array; readonly value: Float32Array }[];
}

/** Reads what all prompts begin with, their last tokens never; `null` where that is too little to pay. */
export async function readStem(reading: Reading, prompts: readonly Int32Array[]): Promise<Stem | null> {
  const length = sharedPrefix(prompts.map(unlabelled));
  const [first] = prompts;
  if (!first || length === 0) return null;
  const { model, adapter, buffers } = reading;
  const batch = layOut([unlabelled(first.subarray(0, length))], model.architecture, false);
  const layers: { key: Float32Array; value: Float32Array }[] = [];
  const keep = onLayer(reading, (_, key, value) => layers.push({ key: key.slice(), value: value.slice() }));
  await runForward(model, adapter, batch, buffers, { onLayer: keep });
  return { length, layers };
}

/** Begins a row of a cache with the stem. */
export function plant({ length, layers }: Stem, cache: KeyValueCache, row: number): void {
  for (const [layer, { key, value }] of layers.entries()) {
    for (let place = 0; place < length; place++) cache.store(layer, row, place, place, key, value);
  }
  cache.lengths[row] = length;
}
