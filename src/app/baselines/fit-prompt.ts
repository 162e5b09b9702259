/**
 * @file Prompts for models on this machine: conversations to tokens, shortened until they fit.
 */

import type { Shown } from "../../baselines/index.ts";
import type { Message, Tokenizer } from "../../dataset/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { Recipe } from "../../recipe/index.ts";

/** A prompt that fits. */
export interface FittedPrompt {
  readonly ids: Int32Array;
  readonly messages: readonly Message[];
  readonly shown: Shown;
}

/**
 * The conversation with as much shown as the context holds: examples go first, the least alike before the others, then
 * the worst passages. A question that is too long by itself keeps its end.
 */
export function fitPrompt(
  {
    tokenizer,
    model,
    recipe,
  }: {
    readonly recipe: Recipe;
    readonly tokenizer: Pick<Tokenizer, "render" | "encode">;
    readonly model: Pick<LanguageModel, "contextLength">;
  },
  shown: Shown,
  write: (shown: Shown) => readonly Message[],
): FittedPrompt {
  const most = Math.max(1, model.contextLength - recipe.evaluation.maxNewTokens);
  for (let now = shown; ; now = less(now)) {
    const messages = write(now);
    const text = tokenizer.render(messages, { addGenerationPrompt: true });
    const ids = Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }));
    if (ids.length <= most) return { ids, messages, shown: now };
    if (now.examples.length + now.passages.length === 0)
      return { ids: ids.slice(-most), messages, shown: now };
  }
}

function less({ examples, passages }: Shown): Shown {
  return examples.length > 0
    ? { examples: examples.slice(1), passages }
    : { examples, passages: passages.slice(0, -1) };
}
