/**
 * @file A model in memory: shape, weights and programs.
 */
import { problem } from "../../problem/index.ts";
import type { BaseWeights } from "../base/base.ts";
import type { Architecture } from "../models/architecture.ts";
import type { ModelPrograms } from "../models/programs.ts";

/** What every pass needs. */
export interface LoadedModel {
  readonly architecture: Architecture;
  readonly base: BaseWeights;
  readonly programs: ModelPrograms;
}

/**
 * Rows of the embedding table, scaled as the family asks: a copy, so no program is needed.
 *
 * @param into `[N, D]`
 * @throws {TunewiseError} `ENGINE_TOKEN_OUTSIDE_VOCABULARY`
 */
export function embed({ architecture, base }: LoadedModel, ids: Int32Array, into: Float32Array): void {
  const { hidden, vocabulary, embeddingScale } = architecture;
  for (let token = 0; token < ids.length; token++) {
    const id = ids[token] as number;
    if (id < 0 || id >= vocabulary) {
      throw problem("ENGINE_TOKEN_OUTSIDE_VOCABULARY", { found: id, limit: vocabulary });
    }
    into.set(base.embedding.subarray(id * hidden, (id + 1) * hidden), token * hidden);
  }
  if (embeddingScale === 1) return;
  for (let at = 0; at < into.length; at++) into[at] = (into[at] as number) * embeddingScale;
}
