/**
 * @file What questions will cost, before one is asked.
 */
import {
  type AskedQuestion,
  type Endpoint,
  estimatePrompt,
  mostPromptTokens,
  requestKey,
} from "../../ask/index.ts";
import { type Range, range, type Tokens, tokens, type Usd } from "../../quantity/index.ts";
import { keptRequests, type Reader } from "../../track/index.ts";
import { costOfTokens, type TokenPrice } from "./token-price.ts";

/** What asking will cost; answers that are kept already cost nothing. */
export interface ExpectedPrice {
  readonly questions: number;
  /** Of them the same as another one. */
  readonly repeated: number;
  /** Of them answered already. */
  readonly kept: number;
  readonly promptTokens: Range<Tokens>;
  readonly answerTokens: Range<Tokens>;
  readonly price: Range<Usd>;
  /** Beyond this no endpoint that heeds the longest answer can go, without tries that fail. */
  readonly most: Usd;
  readonly priceSource: string;
}

/**
 * How far a guess of tokens reaches, for prompts of many questions together.
 *
 * @source measured over 40 texts, which lie between 0.7 and 1.55, and larger vocabularies need less: docs/asking.md
 */
const guessLow = 0.6;
const guessHigh = 1.7;

/**
 * The expected price of questions at an endpoint.
 *
 * @param answerTokens what an answer is expected to have, from other answers of the task; `null`: not known, between a
 * tenth of the longest answer and all of it
 */
export async function expectedPrice(
  questions: readonly AskedQuestion[],
  answerTokens: number | null,
  at: { readonly endpoint: Endpoint; readonly price: TokenPrice; readonly reader: Reader },
): Promise<ExpectedPrice> {
  const distinct = new Map(questions.map((question) => [requestKey(at.endpoint, question), question]));
  const kept = await keptRequests(at.reader, [...distinct.keys()]);
  const asked = [...distinct].filter(([request]) => !kept.has(request)).map(([, question]) => question);
  const sum = (count: (question: AskedQuestion) => number): Tokens =>
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
      ...{ promptTokens: promptCount, answerTokens: answerCount, cachedPromptTokens: tokens(0) },
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
    most: cost(sum(mostPromptTokens), longest),
    priceSource: at.price.source,
  };
}
