/** @file The context of decoding passes, for prompts and for single tokens. */

import type { EncodedRow } from "@tunewise/core/rows";
import type { Buffers } from "../pass/buffers.ts";
import type { OnLayer } from "../pass/forward.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import type { RowAdapters } from "./lora-stack.ts";

/** Model, adapter, memory and cancellation of a decoding pass. */
export interface DecodeContext {
  readonly model: LoadedModel;
  /** Weights of all rows. */
  readonly adapter: Tuned | null;
  /** Adapters of single rows, in place of `adapter`. */
  readonly rowAdapters?: RowAdapters;
  readonly buffers: Buffers;
  /** Checked after every layer. */
  readonly signal: AbortSignal | undefined;
}

/** A row without labels. */
export function unlabelled(ids: Int32Array): EncodedRow {
  return { ids, labelled: new Uint8Array(ids.length), promptLength: ids.length, example: 0 };
}

/** Stores each layer's keys and values with `store`, and stops when the signal aborts. */
export function onLayer({ signal }: DecodeContext, store: OnLayer): OnLayer {
  return (layer, key, value) => {
    signal?.throwIfAborted();
    store(layer, key, value);
  };
}
