/**
 * @file The tokens a model would write for an answer, exactly as rows to train on have them.
 */
import type { Complaint } from "./complaint.ts";
import type { Message } from "./example.ts";
import { encodeWhole } from "./row-encoding.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** An answer behind its prompt. */
export interface EncodedCompletion {
  readonly prompt: readonly number[];
  /** Without the token that ends it. */
  readonly answer: readonly number[];
}

/**
 * Encodes one conversation with an answer; or says why the template does not take it.
 *
 * @param messages what stands before the answer
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function encodeCompletion(
  messages: readonly Message[],
  answer: string,
  tokenizer: Tokenizer,
): EncodedCompletion | Complaint {
  const row = { messages: [...messages, { role: "assistant" as const, content: answer }], file: "", row: 0 };
  const whole = encodeWhole(row, tokenizer, new Set(tokenizer.endIds), "completion");
  if ("code" in whole) return whole;
  const { ids, promptLength, answerEnd, endsProperly } = whole;
  return {
    prompt: ids.slice(0, promptLength),
    answer: ids.slice(promptLength, endsProperly ? answerEnd - 1 : answerEnd),
  };
}
