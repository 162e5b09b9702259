/**
 * @file Response formats of the two routes `POST /v1/chat/completions` and `POST /v1/completions`.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CreateChatCompletionResponse, CreateChatCompletionStreamResponse
 *   and CreateCompletionResponse, whose chunks have the same shape
 */
import type { AnswerEnd, GeneratedToken, LikelyText } from "../../app/inference/index.ts";

/** Tokens of a question and its answer. */
export interface TokenCounts {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly answerTokens: number;
}

/** Text of an answer, with its tokens if log probabilities were requested. */
interface AnswerText {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
}

/** A call of a tool. */
export interface AnswerCall {
  readonly id: string;
  readonly name: string;
  /** A JSON text. */
  readonly arguments: string;
}

/** A complete answer. */
export interface WholeAnswer extends AnswerText {
  readonly calls: readonly AnswerCall[];
}

/** A piece of the call with an index; the first one has id and name. */
export type CallPiece = { readonly index: number } & (AnswerCall | Pick<AnswerCall, "arguments">);

/** Fields of every object of an answer. */
interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Whether log probabilities were requested. */
  readonly withLogprobs: boolean;
}

/** Objects of one route's answer. */
export interface AnswerFormat {
  /** The complete answer in one object. */
  whole(answer: WholeAnswer, reason: AnswerEnd, counts: TokenCounts): object;
  /** The first chunk of a stream; `null` if the route has none. */
  first(): object | null;
  piece(piece: AnswerText): object;
  /** A piece of a call; only answers of conversations have any. */
  callPiece(piece: CallPiece): object;
  /** @param isCalling whether the answer has calls */
  last(reason: AnswerEnd, isCalling: boolean): object;
  /** The chunk with token counts, after the last chunk of text. */
  counts(counts: TokenCounts): object;
}

/** Creates a route's format for one answer. */
export type MakeFormat = (head: AnswerHead) => AnswerFormat;

/** Token counts with OpenAI's names. */
function usageOf({ promptTokens, reusedTokens, answerTokens }: TokenCounts): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}

/** Why an answer ended, with OpenAI's name. Interrupted answers are not sent, so they need none. */
function finishReason(reason: AnswerEnd, isCalling = false): "stop" | "length" | "tool_calls" {
  if (reason === "length") return "length";
  return isCalling ? "tool_calls" : "stop";
}

function callObject({ id, name, arguments: given }: AnswerCall): object {
  return { id, type: "function", function: { name, arguments: given } };
}

/** Format of a chat answer. */
export function chatFormat({ withLogprobs, ...head }: AnswerHead): AnswerFormat {
  const logprobs = (tokens: readonly GeneratedToken[]): object | null =>
    withLogprobs ? { content: tokens.map(tokenObject), refusal: null } : null;
  const chunk = (delta: object, finish: string | null, tokens: readonly GeneratedToken[] = []): object => ({
    ...head,
    object: "chat.completion.chunk",
    choices: [
      { index: 0, delta, logprobs: tokens.length > 0 ? logprobs(tokens) : null, finish_reason: finish },
    ],
  });
  return {
    whole: ({ text, tokens, calls }, reason, counts) => ({
      ...head,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: text === "" && calls.length > 0 ? null : text,
            refusal: null,
            ...(calls.length > 0 && { tool_calls: calls.map(callObject) }),
          },
          logprobs: logprobs(tokens),
          finish_reason: finishReason(reason, calls.length > 0),
        },
      ],
      usage: usageOf(counts),
    }),
    first: () => chunk({ role: "assistant", content: "" }, null),
    piece: ({ text, tokens }) => chunk({ content: text }, null, tokens),
    callPiece: ({ index, ...piece }) => {
      const call = "id" in piece ? callObject(piece) : { function: piece };
      return chunk({ tool_calls: [{ index, ...call }] }, null);
    },
    last: (reason, isCalling) => chunk({}, finishReason(reason, isCalling)),
    counts: (counts) => ({ ...head, object: "chat.completion.chunk", choices: [], usage: usageOf(counts) }),
  };
}

function tokenObject(token: GeneratedToken): object {
  return { ...likelyObject(token), top_logprobs: token.alternatives.map(likelyObject) };
}

/** A likely token with its log probability. */
function likelyObject({ text, logProbability }: LikelyText): object {
  const bytes = text.includes("\ufffd") ? null : [...Buffer.from(text, "utf8")];
  return { token: text, logprob: logProbability, bytes };
}

/** Format of a completion. */
export function completionFormat({ withLogprobs, ...head }: AnswerHead): AnswerFormat {
  /** Offset of the next token's text in the answer. */
  let offset = 0;
  const logprobs = (tokens: readonly GeneratedToken[]): object | null => {
    if (!withLogprobs) return null;
    const offsets = tokens.map(({ text }) => {
      offset += text.length;
      return offset - text.length;
    });
    return {
      tokens: tokens.map(({ text }) => text),
      token_logprobs: tokens.map(({ logProbability }) => logProbability),
      top_logprobs: tokens.map(({ alternatives }) =>
        Object.fromEntries(alternatives.map(({ text, logProbability }) => [text, logProbability])),
      ),
      text_offset: offsets,
    };
  };
  const completion = ({ text, tokens }: AnswerText, reason: AnswerEnd | null): object => ({
    ...head,
    object: "text_completion",
    choices: [
      {
        index: 0,
        text,
        logprobs: logprobs(tokens),
        finish_reason: reason === null ? null : finishReason(reason),
      },
    ],
  });
  return {
    whole: (answer, reason, counts) => ({ ...completion(answer, reason), usage: usageOf(counts) }),
    first: () => null,
    piece: (piece) => completion(piece, null),
    callPiece: () => {
      throw new Error("Internal: a completion with a call");
    },
    last: (reason) => completion({ text: "", tokens: [] }, reason),
    counts: (counts) => ({ ...head, object: "text_completion", choices: [], usage: usageOf(counts) }),
  };
}
