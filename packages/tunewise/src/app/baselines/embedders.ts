/** @file Embedders other than a local embedding model: an API, and the base model itself. */

import type { LanguageModel } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type Embedder, type PrefixOverrides, splitVectors } from "../../prepare/index.ts";
import type { MeteredEmbedder } from "../metered-client/index.ts";

/** Embedder for an API. Sends concurrent requests of several texts each. */
export function apiEmbedder(client: MeteredEmbedder, overrides: PrefixOverrides): Embedder {
  const { textsOfRequest, concurrency } = client;
  return {
    name: `endpoint ${client.name}`,
    needsCentering: false,
    batchTexts: textsOfRequest * concurrency,
    prefixes: { question: overrides.queryPrefix ?? "", passage: overrides.passagePrefix ?? "" },
    embed: async (texts, keep) => {
      const count = Math.ceil(texts.length / textsOfRequest);
      const parts = Array.from({ length: count }, (_, at) =>
        texts.slice(at * textsOfRequest, (at + 1) * textsOfRequest),
      );
      // wait for all requests, so that paid vectors are stored before a failure is thrown
      const settled = await Promise.allSettled(parts.map((part) => client.embed(part)));
      for (const [at, one] of settled.entries())
        if (one.status === "fulfilled") await keep(parts[at] ?? [], one.value);
      for (const one of settled) if (one.status === "rejected") throw one.reason;
    },
  };
}

/** Maximum tokens per text. More text hardly changes the mean. */
const maxTokens = 512;

/**
 * Embeds texts as the base model's mean hidden state, for recipes without an embedding model. `name` identifies the
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
    name: `hidden states of ${name}`,
    needsCentering: true,
    batchTexts: 256,
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
