/** @file Answers of a model to the safety prompts. */
import type { Tokenizer } from "../dataset/index.ts";
import type { Adapter, LanguageModel } from "../engine/index.ts";
import { refusalTokens, type SafetyPrompts } from "../prepare/index.ts";
import type { SafetyAnswers } from "../run/index.ts";
import { answerGreedily } from "./decode-answers.ts";

/** Inputs of a measurement. */
export interface Probe {
  readonly model: Pick<LanguageModel, "generate">;
  readonly tokenizer: Tokenizer;
  /** Token limit of an answer with code. */
  readonly maxNewTokens: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Answers greedily, so that both models are comparable; a `null` adapter selects the base model. */
export async function askSafety(
  probe: Probe,
  adapter: Adapter | null,
  { code, refusals }: Pick<SafetyPrompts, "code" | "refusals">,
): Promise<SafetyAnswers> {
  const total = code.length + refusals.length;
  let done = 0;
  const onAnswer = (): void => probe.onProgress(++done, total);
  return {
    code: await answerGreedily(probe, adapter, code, probe.maxNewTokens, onAnswer),
    refusals: await answerGreedily(probe, adapter, refusals, refusalTokens, onAnswer),
  };
}
