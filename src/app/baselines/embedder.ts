/**
 * @file What makes vectors of texts, wherever it runs: a folder's model, an API, or the recipe's own model.
 */
import type { TextEmbedder } from "../../engine/index.ts";
import type { MeteredEmbedder } from "../metered-client/index.ts";

/** A maker of vectors. */
export interface Embedder {
  /** What made them: vectors of another model are of no use. */
  readonly name: string;
  /** Whether the vectors share a large direction that must go before they are compared. */
  readonly isShifted: boolean;
  /** What stands before each kind of text. */
  readonly prefixes: { readonly question: string; readonly passage: string };
  /** Texts that it takes at a time: what a kill may cost. */
  readonly textsAtOnce: number;
  /** One vector for each text, all of one size, handed over as they come: what fails later does not cost them. */
  embed(texts: readonly string[], keep: KeepVectors): Promise<void>;
}

/** Takes vectors of some of the texts. */
export type KeepVectors = (texts: readonly string[], vectors: readonly Float32Array[]) => Promise<void>;

/** Prefixes as a recipe says them; `null`: what the model says. */
export interface SaidPrefixes {
  readonly queryPrefix: string | null;
  readonly passagePrefix: string | null;
}

/** A folder's model as an embedder. */
export function folderEmbedder(model: TextEmbedder, said: SaidPrefixes, signal: AbortSignal): Embedder {
  return {
    ...{ name: `model ${model.fingerprint}`, isShifted: false, textsAtOnce: 256 },
    prefixes: {
      question: said.queryPrefix ?? model.prompts.question,
      passage: said.passagePrefix ?? model.prompts.passage,
    },
    embed: async (texts, keep) => keep(texts, vectorsIn(await model.embed(texts, { signal }), model.size)),
  };
}

/** An API as an embedder: several requests at a time, each of so many texts. */
export function paidEmbedder(payer: MeteredEmbedder, said: SaidPrefixes): Embedder {
  const { textsOfRequest, concurrency } = payer;
  return {
    ...{ name: `endpoint ${payer.name}`, isShifted: false, textsAtOnce: textsOfRequest * concurrency },
    prefixes: { question: said.queryPrefix ?? "", passage: said.passagePrefix ?? "" },
    embed: async (texts, keep) => {
      const count = Math.ceil(texts.length / textsOfRequest);
      const parts = Array.from({ length: count }, (_, at) =>
        texts.slice(at * textsOfRequest, (at + 1) * textsOfRequest),
      );
      // all are waited for: what was paid is kept before one that failed is told of
      const settled = await Promise.allSettled(parts.map((part) => payer.embed(part)));
      for (const [at, one] of settled.entries())
        if (one.status === "fulfilled") await keep(parts[at] ?? [], one.value);
      for (const one of settled) if (one.status === "rejected") throw one.reason;
    },
  };
}

/** Vectors that lie flat, each by itself. */
export function vectorsIn(flat: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: flat.length / size }, (_, at) => flat.subarray(at * size, (at + 1) * size));
}
