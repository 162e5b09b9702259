/**
 * @file Tokens of a request, from what the endpoint counts or from what can be known without.
 */
import { type Tokens, tokens } from "../quantity/index.ts";
import type { TokenCounts } from "./answer.ts";
import { estimatePrompt, estimateTokens } from "./estimate-tokens.ts";
import type { Heard } from "./heard.ts";
import type { AskedQuestion } from "./question.ts";

/** Of a request that no model read. */
export const noCounts: TokenCounts = {
  ...{ promptTokens: tokens(0), cachedPromptTokens: tokens(0), answerTokens: tokens(0) },
  origin: "none",
};

/** Of a request of which nobody knows how far a model came. */
export function mostCounts(promptTokens: Tokens, answerTokens: number): TokenCounts {
  return {
    promptTokens,
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(answerTokens),
    origin: "assumed",
  };
}

/** Of an answer. A count of nothing for a text that is there is no count. */
export function countsOfHeard({ counts, pieces }: Heard, question: AskedQuestion): TokenCounts {
  const text = pieces.join("");
  if (counts === null || counts.prompt === 0 || (counts.answer === 0 && text !== "")) {
    return {
      promptTokens: estimatePrompt(question),
      cachedPromptTokens: tokens(0),
      answerTokens: tokens(Math.min(estimateTokens(text), question.maxTokens)),
      origin: "estimated",
    };
  }
  return {
    promptTokens: tokens(counts.prompt),
    cachedPromptTokens: tokens(counts.cached),
    answerTokens: tokens(counts.answer),
    origin: "reported",
  };
}

/** Of texts that became vectors. */
export function countsOfTexts(reported: number | null, texts: readonly string[]): TokenCounts {
  const estimated = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const isReported = reported !== null && reported > 0;
  return {
    promptTokens: tokens(isReported ? reported : estimated),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(0),
    origin: isReported ? "reported" : "estimated",
  };
}
