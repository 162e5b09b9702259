/**
 * @file Tokens of a request: as the endpoint counts them, or, where nobody counted, a guess for plans and a bound for
 * caps.
 */
import { type Tokens, tokens } from "@tunewise/core/quantity";
import type { AskedQuestion, TokenCounts } from "./question.ts";
import type { ReceivedAnswer } from "./received.ts";

/**
 * Tokens of a character: four letters and blanks of English make one, digits stand alone or by twos and threes, other
 * alphabets and Chinese are spelled in smaller pieces.
 *
 * @source measured with the tokenizer of SmolLM2: bench/ask/token-guess.mjs, docs/asking.md
 */
const tokensOf = { digit: 0.7, letter: 0.25, sign: 0.65, otherLetter: 0.8, ideograph: 1.5 } as const;
/** Tokens that the format of a chat adds: to each message, and before the answer. */
const messageTokens = 4;
const answerStartTokens = 3;

/** A guess from what kinds of characters a text has; `ideograph` is all that takes three bytes and more in UTF-8. */
export function estimateTokens(text: string): Tokens {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += tokensOfUnit(text.charCodeAt(at));
  return tokens(sum === 0 ? 0 : Math.ceil(sum - 1e-9));
}

function tokensOfUnit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return tokensOf.digit;
  if (code === 0x20 || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a))
    return tokensOf.letter;
  if (code < 0x80) return tokensOf.sign;
  if (code < 0x800) return tokensOf.otherLetter;
  // the second half of a pair counts with the first
  return code >= 0xdc00 && code <= 0xdfff ? 0 : tokensOf.ideograph;
}

/** The same for a prompt in the format of a chat, with its schema. */
export function estimatePrompt({ messages, jsonSchema }: AskedQuestion): Tokens {
  const schema = jsonSchema ? estimateTokens(JSON.stringify(jsonSchema)) : 0;
  const sum = messages.reduce(
    (total, { content }) => total + estimateTokens(content) + messageTokens,
    schema,
  );
  return tokens(sum + answerStartTokens);
}

/** Tokens that a chat template may add by itself (a date, a system prompt of its own), and to each message. */
const maxTemplateTokens = 256;
const maxMessageTokens = 16;

/**
 * No prompt has more: a token of every tokenizer in use stands for one byte at least.
 *
 * @source byte-level BPE and byte fallback: a byte that no longer token covers is a token
 */
export function mostPromptTokens({ messages, jsonSchema }: AskedQuestion): Tokens {
  const schema = jsonSchema ? Buffer.byteLength(JSON.stringify(jsonSchema)) : 0;
  const sum = messages.reduce(
    (total, { content }) => total + Buffer.byteLength(content) + maxMessageTokens,
    schema + maxTemplateTokens,
  );
  return tokens(sum);
}

/** The same for texts that become vectors. */
export function mostTextTokens(texts: readonly string[]): Tokens {
  return tokens(texts.reduce((total, text) => total + Buffer.byteLength(text) + maxMessageTokens, 0));
}

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
export function countsOfReceived({ counts, pieces }: ReceivedAnswer, question: AskedQuestion): TokenCounts {
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
