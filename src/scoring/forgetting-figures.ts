/**
 * @file Asks a model: losses of documents and choices, answers to prompts, divergence from the base model.
 */
import type { EncodedPrompt, Tokenizer } from "../dataset/index.ts";
import type { Adapter, LanguageModel } from "../engine/index.ts";
import { type PromptDivergence, positionDivergence, type RowLoss } from "../evaluate/index.ts";
import type { ForgettingPrompts } from "../prepare/index.ts";

/** What a model made of the material: plain data, one entry per item, in the material's order. */
export interface ModelFigures {
  readonly texts: readonly RowLoss[];
  /** Sum of negative log likelihoods of each choice of each question. */
  readonly choices: readonly (readonly number[])[];
  /** To the prompts that must still work. */
  readonly answers: readonly string[];
}

/** What of a model is used. */
export type AskedModel = Pick<LanguageModel, "losses" | "logits" | "generate" | "vocabularySize">;

/** How to ask. */
export interface Asking {
  readonly model: AskedModel;
  readonly tokenizer: Tokenizer;
  readonly maxNewTokens: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Prompts answered together. */
const promptsTogether = 8;

/** Asks everything; `adapter` null asks the base model. */
export async function measureFigures(
  asking: Asking,
  adapter: Adapter | null,
  material: Pick<ForgettingPrompts, "texts" | "choices" | "musts">,
): Promise<ModelFigures> {
  const { texts, choices, musts } = material;
  const { model, signal, onProgress } = asking;
  const rows = [...texts, ...choices.flatMap((choice) => choice.rows)];
  const total = rows.length + musts.length;
  const losses = await model.losses(adapter, rows, {
    ...(signal ? { signal } : {}),
    onRows: (done) => onProgress?.(done, total),
  });
  let next = texts.length;
  const answers = musts.length === 0 ? [] : await answer(asking, adapter, musts, rows.length, total);
  return {
    texts: losses.slice(0, texts.length),
    choices: choices.map((choice) => choice.rows.map(() => losses[next++]?.nll ?? Number.NaN)),
    answers,
  };
}

async function answer(
  { model, tokenizer, maxNewTokens, signal, onProgress }: Asking,
  adapter: Adapter | null,
  musts: ForgettingPrompts["musts"],
  before: number,
  total: number,
): Promise<string[]> {
  let done = before;
  const answers = await model.generate(
    adapter,
    musts.map(({ ids }) => ids),
    {
      maxNewTokens,
      temperature: 0,
      topP: 1,
      seed: 0,
      endIds: tokenizer.endIds,
      batchSize: promptsTogether,
      onAnswer: () => onProgress?.(++done, total),
      ...(signal ? { signal } : {}),
    },
  );
  return answers.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true }).trim());
}

/** Divergence of the tuned model from the base model on each prompt; nothing of it is kept but the sums. */
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
