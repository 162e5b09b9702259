/** @file Embedders of texts: an embedding model in a folder, an API, or hidden states of the recipe's own model. */

import type { Tokenizer } from "../../dataset/index.ts";
import type { LanguageModel, TextEmbedder } from "../../engine/index.ts";
import type { MeteredEmbedder } from "../metered-client/index.ts";

/** Embeds texts as vectors. */
export interface Embedder {
  /** Identifies the model; vectors of different models cannot be compared. */
  readonly name: string;
  /** Whether the vectors must be centered before comparison. */
  readonly needsCentering: boolean;
  /** Prefix for each kind of text. */
  readonly prefixes: { readonly question: string; readonly passage: string };
  /** Texts per batch, which is what a kill may lose. */
  readonly batchTexts: number;
  /**
   * Embeds each text as a vector of fixed size. Vectors are stored as they arrive, so that a later failure does not
   * lose them.
   */
  embed(texts: readonly string[], keep: StoreVectors): Promise<void>;
}

/** Stores vectors of some of the texts. */
export type StoreVectors = (texts: readonly string[], vectors: readonly Float32Array[]) => Promise<void>;

/** Prefixes of a recipe; `null` for the model's own. */
export interface PrefixOverrides {
  readonly queryPrefix: string | null;
  readonly passagePrefix: string | null;
}

/** Embedder for a model in a folder. */
export function folderEmbedder(model: TextEmbedder, said: PrefixOverrides, signal: AbortSignal): Embedder {
  return {
    ...{ name: `model ${model.fingerprint}`, needsCentering: false, batchTexts: 256 },
    prefixes: {
      question: said.queryPrefix ?? model.prompts.question,
      passage: said.passagePrefix ?? model.prompts.passage,
    },
    embed: async (texts, keep) => keep(texts, splitVectors(await model.embed(texts, { signal }), model.size)),
  };
}

/** Embedder for an API, with concurrent requests of several texts each. */
export function apiEmbedder(payer: MeteredEmbedder, said: PrefixOverrides): Embedder {
  const { textsOfRequest, concurrency } = payer;
  return {
    ...{ name: `endpoint ${payer.name}`, needsCentering: false, batchTexts: textsOfRequest * concurrency },
    prefixes: { question: said.queryPrefix ?? "", passage: said.passagePrefix ?? "" },
    embed: async (texts, keep) => {
      const count = Math.ceil(texts.length / textsOfRequest);
      const parts = Array.from({ length: count }, (_, at) =>
        texts.slice(at * textsOfRequest, (at + 1) * textsOfRequest),
      );
      // wait for all requests, so that paid vectors are stored before a failure is thrown
      const settled = await Promise.allSettled(parts.map((part) => payer.embed(part)));
      for (const [at, one] of settled.entries())
        if (one.status === "fulfilled") await keep(parts[at] ?? [], one.value);
      for (const one of settled) if (one.status === "rejected") throw one.reason;
    },
  };
}

/** Splits a flat `[n, size]` array into vectors. */
export function splitVectors(flat: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: flat.length / size }, (_, at) => flat.subarray(at * size, (at + 1) * size));
}

/** Maximum tokens per text; more text changes the mean little. */
const maxTokens = 512;

/**
 * Embeds texts as the mean hidden state of the base model, if there is no embedding model. `name` identifies the
 * model.
 */
export function hiddenStateEmbedder(
  model: Pick<LanguageModel, "meanHidden" | "hiddenSize" | "contextLength">,
  tokenizer: Tokenizer,
  name: string,
  signal: AbortSignal,
): Embedder {
  const most = Math.min(maxTokens, model.contextLength);
  return {
    ...{ name: `hidden states of ${name}`, needsCentering: true, batchTexts: 256 },
    prefixes: { question: "", passage: "" },
    embed: async (texts, keep) => {
      const ids = texts.map((text) => {
        const own = Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }).slice(0, most));
        return own.length > 0 ? own : Int32Array.of(tokenizer.endIds[0] ?? 0);
      });
      await keep(texts, splitVectors(await model.meanHidden(ids, { signal }), model.hiddenSize));
    },
  };
}
