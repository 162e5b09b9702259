/**
 * @file What reading tokens needs, whether of prompts or one by one.
 */
import type { EncodedRow } from "../../dataset/index.ts";
import type { Buffers } from "../pass/buffers.ts";
import type { OnLayer } from "../pass/forward.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";

/** A model that reads, and until when. */
export interface Reading {
  readonly model: LoadedModel;
  readonly adapter: Tuned | null;
  readonly buffers: Buffers;
  /** Looked at after every layer. */
  readonly signal: AbortSignal | undefined;
}

/** Tokens that nothing is to be predicted from. */
export function unlabelled(ids: Int32Array): EncodedRow {
  return { ids, labelled: new Uint8Array(ids.length), promptLength: ids.length, example: 0 };
}

/** Stores each layer's keys and values by `store`, unless nobody waits for them any more. */
export function onLayer({ signal }: Reading, store: OnLayer): OnLayer {
  return (layer, key, value) => {
    signal?.throwIfAborted();
    store(layer, key, value);
  };
}
