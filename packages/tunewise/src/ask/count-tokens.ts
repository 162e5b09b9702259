/**
 * @file Tokens of a request: as counted by the endpoint, otherwise an estimate for plans and an upper bound for caps.
 */
import { type Tokens, tokens } from "@tunewise/core/quantity";
import { callsText } from "./calls.ts";
import type { CompletionRequest, PromptMessage, TokenCounts } from "./question.ts";
import type { ReceivedAnswer } from "./received.ts";

/**
 * Average tokens per character: about four letters or blanks of English make one token, digits are grouped in at most
 * three, and other alphabets and Chinese are split into smaller pieces.
 *
 * @source measured with the tokenizer of SmolLM2: bench/ask/token-guess.mjs, docs/asking.md
 */
const tokensOf = { digit: 0.7, letter: 0.25, sign: 0.65, otherLetter: 0.8, ideograph: 1.5 } as const;
/** Tokens that the chat format adds to each message, and before the answer. */
const messageTokens = 4;
const answerStartTokens = 3;

/** Estimates tokens from kinds of characters; `ideograph` covers all that take three or more bytes in UTF-8. */
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
  // a low surrogate counts with its high surrogate
  return code >= 0xdc00 && code <= 0xdfff ? 0 : tokensOf.ideograph;
}

/** Estimates the tokens of a prompt in chat format, including its schema, its tools and earlier calls. */
export function estimatePrompt(question: CompletionRequest): Tokens {
  const beside: number = estimateTokens(besideMessages(question));
  const sum = question.messages.reduce(
    (total, message) => total + estimateTokens(wholeText(message)) + messageTokens,
    beside,
  );
  return tokens(sum + answerStartTokens);
}

/** Maximum tokens that a chat template adds once (a date, a default system prompt), and to each message. */
const maxTemplateTokens = 256;
const maxMessageTokens = 16;

/**
 * Upper bound of a prompt's tokens: in every common tokenizer a token covers at least one byte.
 *
 * @source byte-level BPE and byte fallback: a byte that no longer token covers is a token
 */
export function maxPromptTokens(question: CompletionRequest): Tokens {
  const { messages, tools = [] } = question;
  const parts = messages.length + tools.length;
  const sum = messages.reduce(
    (total, message) => total + Buffer.byteLength(wholeText(message)),
    Buffer.byteLength(besideMessages(question)) + parts * maxMessageTokens + maxTemplateTokens,
  );
  return tokens(sum);
}

/** Schema and tools of a question as text. */
function besideMessages({ jsonSchema, tools = [] }: CompletionRequest): string {
  const schema = jsonSchema ? JSON.stringify(jsonSchema) : "";
  return tools.length === 0 ? schema : `${schema}${JSON.stringify(tools)}`;
}

/** Content and calls of a message. */
function wholeText({ content, toolCalls = [] }: PromptMessage): string {
  return content + callsText(toolCalls);
}

/** Upper bound of the tokens of texts to embed. */
export function maxTextTokens(texts: readonly string[]): Tokens {
  return tokens(texts.reduce((total, text) => total + Buffer.byteLength(text) + maxMessageTokens, 0));
}

/** Counts of a request that no model processed. */
export const noCounts: TokenCounts = {
  promptTokens: tokens(0),
  cachedPromptTokens: tokens(0),
  answerTokens: tokens(0),
  origin: "none",
};

/** Maximum counts, for a request whose processing is unknown. */
export function maxCounts(promptTokens: Tokens, answerTokens: number): TokenCounts {
  return {
    promptTokens,
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(answerTokens),
    origin: "assumed",
  };
}

/** Counts of an answer. A reported count of 0 for a text that is not empty is treated as missing. */
export function countsOfReceived(
  { counts, pieces, calls }: ReceivedAnswer,
  question: CompletionRequest,
): TokenCounts {
  const text = [...pieces, ...calls.flatMap((call) => [call.name, ...call.pieces])].join("");
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

/** Counts of embedded texts. */
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
