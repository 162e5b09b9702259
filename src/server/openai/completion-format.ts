/**
 * @file Answers of `POST /v1/completions`.
 *
 * @source openai/openai-openapi openapi.yaml, schema CreateCompletionResponse, whose chunks have the same shape
 */
import type { AnswerEnd, GeneratedToken } from "../../app/inference/index.ts";
import { type AnswerFormat, type AnswerHead, type AnswerText, finishReason, usageOf } from "./format.ts";

/** The shapes of one completion. */
export function completionFormat({ withLogprobs, ...head }: AnswerHead): AnswerFormat {
  /** Where the next token's text begins in the answer. */
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
    last: (reason) => completion({ text: "", tokens: [] }, reason),
    counts: (counts) => ({ ...head, object: "text_completion", choices: [], usage: usageOf(counts) }),
  };
}
