/** @file Estimates the cost of questions before any request. */

import { type Range, range, type Tokens, tokens, type Usd } from "@tunewise/core/quantity";
import { keptRequests, type Reader } from "@tunewise/tracker";
import {
  type CompletionRequest,
  type Endpoint,
  estimatePrompt,
  maxPromptTokens,
  requestKey,
} from "../../ask/index.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** Estimated cost of questions. Cached answers are free. */
export interface ExpectedPrice {
  readonly questions: number;
  /** Number of duplicate questions. */
  readonly repeated: number;
  /** Number of questions with cached answers. */
  readonly kept: number;
  readonly promptTokens: Range<Tokens>;
  readonly answerTokens: Range<Tokens>;
  readonly price: Range<Usd>;
  /** Upper bound if the endpoint respects the token limit, excluding failed attempts. */
  readonly most: Usd;
  readonly priceSource: string;
}

/**
 * Error bounds of a token estimate, for the prompts of many questions together.
 *
 * @source measured over 40 texts, which lie between 0.7 and 1.55. Larger vocabularies need fewer tokens: docs/asking.md
 */
const guessLow = 0.6;
const guessHigh = 1.7;

/**
 * Estimates the cost of questions at an endpoint.
 *
 * @param answerTokens expected tokens per answer, from other answers of the task; if `null`, the range is from a tenth
 *   of the token limit to the full limit
 */
export async function expectedPrice(
  questions: readonly CompletionRequest[],
  answerTokens: number | null,
  at: { readonly endpoint: Endpoint; readonly price: TokenPrice; readonly reader: Reader },
): Promise<ExpectedPrice> {
  const distinct = new Map(questions.map((question) => [requestKey(at.endpoint, question), question]));
  const kept = await keptRequests(at.reader, [...distinct.keys()]);
  const asked = [...distinct].filter(([request]) => !kept.has(request)).map(([, question]) => question);
  const sum = (count: (question: CompletionRequest) => number): Tokens =>
    tokens(asked.reduce((total, question) => total + count(question), 0));
  const prompt = sum(estimatePrompt);
  const longest = sum(({ maxTokens }) => maxTokens);
  const answer = (share: number, times: number): Tokens =>
    answerTokens === null
      ? tokens(longest * share)
      : sum(({ maxTokens }) => Math.min(maxTokens, answerTokens * times));
  const promptTokens = range(tokens(prompt * guessLow), prompt, tokens(prompt * guessHigh));
  const answers = range(answer(0.1, 0.5), answer(0.5, 1), answer(1, 2));
  const cost = (promptCount: Tokens, answerCount: Tokens): Usd =>
    costOfTokens(at.price, {
      promptTokens: promptCount,
      answerTokens: answerCount,
      cachedPromptTokens: tokens(0),
    });
  return {
    questions: questions.length,
    repeated: questions.length - distinct.size,
    kept: kept.size,
    promptTokens,
    answerTokens: answers,
    price: range(
      cost(promptTokens.low, answers.low),
      cost(promptTokens.expected, answers.expected),
      cost(promptTokens.high, answers.high),
    ),
    most: cost(sum(maxPromptTokens), longest),
    priceSource: at.price.source,
  };
}
