/** @file A model in memory: architecture, weights and programs. */

import type { BaseWeights, LayerWeights } from "../base/base.ts";
import { copyRows, type Table } from "../base/table.ts";
import type { Batch } from "../batch/batch.ts";
import type { Architecture } from "../models/architecture.ts";
import type { TunedShape } from "../models/layer.ts";
import type { ModelPrograms } from "../models/programs.ts";
import type { RootKey } from "../models/weight-names.ts";
import { problem } from "../problem/index.ts";
import type { Feeds } from "../runtime/session.ts";

/** Everything a pass needs. */
export interface LoadedModel {
  readonly architecture: Architecture;
  readonly base: BaseWeights;
  readonly programs: ModelPrograms;
  /** Row length from which blockwise attention is used; never if omitted. */
  readonly flatFrom?: number;
  /** Whether the paged attention operator is available, with a KV cache in bfloat16 (`jit/paged-attention.ts`). */
  readonly hasPagedAttention?: boolean;
}

/** Weights outside the layers. */
export interface RootWeights {
  /** `[V, D]` */
  readonly embedding: Table;
  /** `[T, D]`, learned positions, if the family has them */
  readonly positions: Float32Array | null;
  /** `[D]`, of the final norm */
  readonly norm: Float32Array;
  readonly normBias: Float32Array | null;
  /** `[V, D]`; the embedding itself if tied */
  readonly head: Table;
}

/** Weights that replace the base's, or are added to them. */
export interface Tuned {
  /** Inputs of each layer's programs. */
  readonly layers: readonly LayerWeights[];
  /** Weights outside the layers. */
  readonly root: Readonly<Partial<Record<RootKey, Float32Array>>>;
  /** Whether a layer replaces all weights, so that none of the base's are needed. */
  isWhole(layer: number): boolean;
  /** The shape that forward-only programs depend on. */
  readonly forwardShape: TunedShape | null;
  /** Matrices of the base that a layer's programs read as float32, because their gradients are needed. */
  readonly wide?: (layer: number) => readonly string[];
}

/** Weights outside the layers; tuned ones take precedence. */
export function rootOf({ base }: LoadedModel, tuned: Tuned | null): RootWeights {
  const { embedding, positions, norm, normBias, head } = base;
  return { embedding, positions, norm, normBias, head, ...tuned?.root };
}

/**
 * Inputs for a layer's weights.
 *
 * @param next the layer that will be requested next
 */
export async function layerFeeds(
  { base }: LoadedModel,
  tuned: Tuned | null,
  layer: number,
  next: number,
): Promise<Feeds> {
  const following = tuned?.isWhole(next) ? undefined : next;
  const frozen = tuned?.isWhole(layer) ? {} : await base.feeds(layer, following);
  const names = tuned?.wide?.(layer) ?? [];
  const wide = names.length > 0 ? await base.layer(layer, following) : {};
  const chosen = Object.fromEntries(names.map((name) => [name, wide[name] as Float32Array]));
  return { ...frozen, ...chosen, ...tuned?.layers[layer] };
}

/**
 * Copies rows of the embedding table, scaled as the family requires, and adds learned positions. It needs no program.
 *
 * @param into `[N, D]`
 * @throws {TunewiseError} `ENGINE_TOKEN_OUTSIDE_VOCABULARY`
 */
export function embed(
  { architecture }: LoadedModel,
  { embedding, positions }: RootWeights,
  { ids, positions: places }: Pick<Batch, "ids" | "positions">,
  into: Float32Array,
): void {
  const { hidden, vocabulary, embeddingScale } = architecture;
  for (let token = 0; token < ids.length; token++) {
    const id = ids[token] as number;
    if (id < 0 || id >= vocabulary) {
      throw problem("ENGINE_TOKEN_OUTSIDE_VOCABULARY", { found: id, limit: vocabulary });
    }
  }
  copyRows(embedding, ids, hidden, into);
  if (embeddingScale !== 1) {
    for (let at = 0; at < into.length; at++) into[at] = (into[at] as number) * embeddingScale;
  }
  if (positions) addPositions(positions, places, hidden, into);
}

function addPositions(table: Float32Array, places: Int32Array, width: number, into: Float32Array): void {
  for (const [token, place] of places.entries()) {
    const from = place * width;
    if (from >= table.length) throw new Error(`Internal: position ${place} beyond the context`);
    for (let at = 0; at < width; at++) {
      into[token * width + at] = (into[token * width + at] as number) + (table[from + at] as number);
    }
  }
}
