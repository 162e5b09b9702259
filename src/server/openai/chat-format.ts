/**
 * @file Answers of `POST /v1/chat/completions`.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CreateChatCompletionResponse and
 * CreateChatCompletionStreamResponse
 */
import type { GeneratedToken, LikelyText } from "../../app/inference/index.ts";
import { type AnswerFormat, type AnswerHead, finishReason, usageOf } from "./format.ts";

/** The shapes of one chat answer. */
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
    whole: ({ text, tokens }, reason, counts) => ({
      ...head,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null },
          logprobs: logprobs(tokens),
          finish_reason: finishReason(reason),
        },
      ],
      usage: usageOf(counts),
    }),
    first: () => chunk({ role: "assistant", content: "" }, null),
    piece: ({ text, tokens }) => chunk({ content: text }, null, tokens),
    last: (reason) => chunk({}, finishReason(reason)),
    counts: (counts) => ({ ...head, object: "chat.completion.chunk", choices: [], usage: usageOf(counts) }),
  };
}

function tokenObject(token: GeneratedToken): object {
  return { ...likelyObject(token), top_logprobs: token.alternatives.map(likelyObject) };
}

/** A token that is a part of a character has no bytes that could be told. */
function likelyObject({ text, logProbability }: LikelyText): object {
  const bytes = text.includes("\ufffd") ? null : [...Buffer.from(text, "utf8")];
  return { token: text, logprob: logProbability, bytes };
}
