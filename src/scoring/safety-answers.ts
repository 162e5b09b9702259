/**
 * @file Asks a model the safety material.
 */
import type { Tokenizer } from "../dataset/index.ts";
import type { Adapter, LanguageModel } from "../engine/index.ts";
import { type Asked, refusalTokens, type SafetyPrompts } from "../prepare/index.ts";
import type { SafetyAnswers } from "./safety-outcome.ts";

/** How to ask. */
export interface Probe {
  readonly model: Pick<LanguageModel, "generate">;
  readonly tokenizer: Tokenizer;
  /** Longest answer with code, in tokens. */
  readonly maxNewTokens: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Prompts answered together. */
const promptsTogether = 8;

/** Takes the likeliest token always, so that both models are asked alike; `adapter` null asks the base model. */
export async function askSafety(
  probe: Probe,
  adapter: Adapter | null,
  { code, refusals }: Pick<SafetyPrompts, "code" | "refusals">,
): Promise<SafetyAnswers> {
  const total = code.length + refusals.length;
  return {
    code: await answers(probe, adapter, code, probe.maxNewTokens, 0, total),
    refusals: await answers(probe, adapter, refusals, refusalTokens, code.length, total),
  };
}

async function answers(
  { model, tokenizer, signal, onProgress }: Probe,
  adapter: Adapter | null,
  prompts: readonly Pick<Asked<{ text: string; line: number }>, "ids">[],
  maxNewTokens: number,
  before: number,
  total: number,
): Promise<string[]> {
  if (prompts.length === 0) return [];
  let done = before;
  const given = await model.generate(
    adapter,
    prompts.map(({ ids }) => ids),
    {
      ...{
        maxNewTokens,
        temperature: 0,
        topP: 1,
        seed: 0,
        endIds: tokenizer.endIds,
        batchSize: promptsTogether,
      },
      ...{ signal, onAnswer: () => onProgress(++done, total) },
    },
  );
  return given.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true }).trim());
}
