/** @file Measures a model for forgetting: losses of documents and choices, answers to prompts. */

import type { ModelFigures } from "@tunewise/core/run";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import type { ForgettingPrompts } from "../prepare/index.ts";
import { answerGreedily } from "./decode-answers.ts";
import type { MeasuredModel } from "./measured-model.ts";

/** Inputs of a measurement. */
export interface FigureInput {
  readonly model: Pick<MeasuredModel, "losses" | "generate">;
  readonly tokenizer: Tokenizer;
  readonly maxNewTokens: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Measures all items. */
export async function measureFigures(
  input: FigureInput,
  material: Pick<ForgettingPrompts, "texts" | "choices" | "regressionPrompts">,
): Promise<ModelFigures> {
  const { texts, choices, regressionPrompts } = material;
  const { model, signal, onProgress } = input;
  const rows = [...texts, ...choices.flatMap((choice) => choice.rows)];
  const total = rows.length + regressionPrompts.length;
  const losses = await model.losses(rows, {
    ...(signal ? { signal } : {}),
    onRows: (done) => onProgress?.(done, total),
  });
  let next = texts.length;
  let done = rows.length;
  const answers = await answerGreedily(input, regressionPrompts, input.maxNewTokens, () =>
    onProgress?.(++done, total),
  );
  return {
    texts: losses.slice(0, texts.length),
    choices: choices.map((choice) => choice.rows.map(() => losses[next++]?.nll ?? Number.NaN)),
    answers,
  };
}
