/**
 * @file Measures a model for forgetting: losses of documents and choices, answers to prompts, KL divergence from the
 * base.
 */

import type { EncodedPrompt, Tokenizer } from "../dataset/index.ts";
import type { Adapter, LanguageModel } from "../engine/index.ts";
import { positionDivergence } from "../evaluate/index.ts";
import type { ForgettingPrompts } from "../prepare/index.ts";
import type { ModelFigures, PromptDivergence } from "../run/index.ts";
import { answerGreedily } from "./decode-answers.ts";

/** The part of a model that is used. */
export type AskedModel = Pick<LanguageModel, "losses" | "logits" | "generate" | "vocabularySize">;

/** Inputs of a measurement. */
export interface FigureInput {
  readonly model: AskedModel;
  readonly tokenizer: Tokenizer;
  readonly maxNewTokens: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Measures all items; a `null` adapter selects the base model. */
export async function measureFigures(
  input: FigureInput,
  adapter: Adapter | null,
  material: Pick<ForgettingPrompts, "texts" | "choices" | "musts">,
): Promise<ModelFigures> {
  const { texts, choices, musts } = material;
  const { model, signal, onProgress } = input;
  const rows = [...texts, ...choices.flatMap((choice) => choice.rows)];
  const total = rows.length + musts.length;
  const losses = await model.losses(adapter, rows, {
    ...(signal ? { signal } : {}),
    onRows: (done) => onProgress?.(done, total),
  });
  let next = texts.length;
  let done = rows.length;
  const answers = await answerGreedily(input, adapter, musts, input.maxNewTokens, () =>
    onProgress?.(++done, total),
  );
  return {
    texts: losses.slice(0, texts.length),
    choices: choices.map((choice) => choice.rows.map(() => losses[next++]?.nll ?? Number.NaN)),
    answers,
  };
}

/** KL divergence of the tuned model from the base on each prompt; only the sums are retained. */
export async function measureDivergence(
  model: AskedModel,
  adapter: Adapter,
  prompts: readonly EncodedPrompt[],
  signal?: AbortSignal,
): Promise<PromptDivergence[]> {
  const found: PromptDivergence[] = [];
  for (const { ids } of prompts) {
    signal?.throwIfAborted();
    const base = await model.logits(null, ids);
    const tuned = await model.logits(adapter, ids);
    const places = positionDivergence(base, tuned, model.vocabularySize);
    found.push({ sum: places.reduce((sum, kl) => sum + kl, 0), positions: places.length });
  }
  return found;
}
