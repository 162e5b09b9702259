/**
 * @file Vectors from the base model's own hidden states, where no embedding model is at hand.
 */
import type { Tokenizer } from "../../dataset/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import { type Embedder, vectorsIn } from "./embedder.ts";

/** Longest text that is read, in tokens; what comes behind it says little that the beginning does not. */
const tokensMost = 512;

/** An embedder; `name` tells vectors of other models apart. */
export function hiddenEmbedder(
  model: Pick<LanguageModel, "meanHidden" | "hiddenSize" | "contextLength">,
  tokenizer: Tokenizer,
  name: string,
  signal: AbortSignal,
): Embedder {
  const most = Math.min(tokensMost, model.contextLength);
  return {
    ...{ name: `hidden states of ${name}`, isShifted: true, textsAtOnce: 256 },
    prefixes: { question: "", passage: "" },
    embed: async (texts, keep) => {
      const ids = texts.map((text) => {
        const own = Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }).slice(0, most));
        return own.length > 0 ? own : Int32Array.of(tokenizer.endIds[0] ?? 0);
      });
      await keep(texts, vectorsIn(await model.meanHidden(ids, { signal }), model.hiddenSize));
    },
  };
}
