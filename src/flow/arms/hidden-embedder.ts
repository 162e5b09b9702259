/**
 * @file Vectors from the base model's own hidden states, where no embedding model is at hand.
 */
import type { Tokenizer } from "../../dataset/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { Embedder } from "./finder.ts";

/** Longest text that is read, in tokens; what comes behind it says little that the beginning does not. */
const tokensMost = 512;

/** An embedder; `name` tells vectors of other models apart. */
export function hiddenEmbedder(
  model: Pick<LanguageModel, "meanHidden" | "hiddenSize" | "contextLength">,
  tokenizer: Tokenizer,
  name: string,
  {
    signal,
    onTexts,
  }: { readonly signal: AbortSignal; readonly onTexts: (done: number, total: number) => void },
): Embedder {
  const most = Math.min(tokensMost, model.contextLength);
  return {
    ...{ name: `hidden states of ${name}`, size: model.hiddenSize },
    embed: (texts) => {
      const ids = texts.map((text) => {
        const own = Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }).slice(0, most));
        return own.length > 0 ? own : Int32Array.of(tokenizer.endIds[0] ?? 0);
      });
      return model.meanHidden(ids, { signal, onTexts: (done) => onTexts(done, texts.length) });
    },
  };
}
