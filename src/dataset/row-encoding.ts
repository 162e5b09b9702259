/** @file Tokenizes one conversation and locates the answer in its tokens. */
import { TunewiseError } from "../problem/index.ts";
import type { EncodedRow, Example, Message } from "./example.ts";
import type { RowIssue } from "./row-issue.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A tokenized conversation before truncation. `ids[from]` to `ids[to - 1]` contribute to the loss. */
export interface EncodedConversation {
  readonly ids: readonly number[];
  readonly promptLength: number;
  readonly from: number;
  readonly to: number;
  /** Index after the last end token of the answer; the number of ids if there is none. */
  readonly answerEnd: number;
  readonly endsProperly: boolean;
  /** Whether tokenizing the prompt alone yields a prefix of `ids`. */
  readonly promptIsPrefix: boolean;
  readonly beginsTwice: boolean;
}

/**
 * Renders and tokenizes an example, or returns the issue that prevents it: `DATA_TEMPLATE_REFUSED`,
 * `DATA_BOUNDARY_UNCLEAR`, `DATA_ANSWER_EMPTY`.
 *
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function encodeConversation(
  example: Example,
  tokenizer: Tokenizer,
  endIds: ReadonlySet<number>,
  loss: "completion" | "all",
): EncodedConversation | RowIssue {
  const texts = renderBoth(example, tokenizer);
  if ("code" in texts) return texts;
  const { prompt, full } = texts;
  const startsWithPrompt = full.startsWith(prompt);
  const at = startsWithPrompt ? prompt.length : answerOffset(full, example);
  if (at === null && loss === "completion") {
    return { code: "DATA_BOUNDARY_UNCLEAR", reason: "the template changes prompt and answer" };
  }
  const { ids, index } = tokenizer.encodeAt(full, at ?? full.length);
  const end = ids.findLastIndex((id, place) => place >= index && endIds.has(id));
  const answerEnd = end < 0 ? ids.length : end + 1;
  const from = Math.max(1, loss === "all" ? 1 : index);
  const to = loss === "all" ? ids.length : answerEnd;
  if (from >= to)
    return { code: "DATA_ANSWER_EMPTY", reason: "no token of the answer is left in the template" };
  return {
    ids,
    promptLength: index,
    from,
    to,
    answerEnd,
    endsProperly: end >= 0,
    promptIsPrefix: !startsWithPrompt || isPrefix(tokenizer.encodeAt(prompt, 0).ids, ids, index),
    beginsTwice: tokenizer.beginId !== null && ids[0] === tokenizer.beginId && ids[1] === tokenizer.beginId,
  };
}

/** Truncates a row and sets its loss mask. */
export function labelRow(whole: EncodedConversation, maxLength: number, example: number): EncodedRow {
  const ids = Int32Array.from(whole.ids.length > maxLength ? whole.ids.slice(0, maxLength) : whole.ids);
  const labelled = new Uint8Array(ids.length);
  labelled.fill(1, whole.from, Math.min(whole.to, ids.length));
  return { ids, labelled, promptLength: Math.min(whole.promptLength, ids.length), example };
}

function renderBoth(example: Example, tokenizer: Tokenizer): { prompt: string; full: string } | RowIssue {
  try {
    const full = tokenizer.render(example.messages, { addGenerationPrompt: false });
    const prompt = tokenizer.render(example.messages.slice(0, -1), { addGenerationPrompt: true });
    return { prompt, full };
  } catch (error) {
    // A rejection by the template concerns the row; any other error concerns the model.
    if (!TunewiseError.is(error) || error.code !== "TEMPLATE_FAILED") throw error;
    return { code: "DATA_TEMPLATE_REFUSED", reason: String(error.params["reason"]) };
  }
}

/** Offset of the answer's text in the rendering, as written or trimmed, or `null`. */
function answerOffset(full: string, example: Example): number | null {
  const answer = example.messages.at(-1)?.content ?? "";
  for (const text of [answer, answer.trim()]) {
    const place = text === "" ? -1 : full.lastIndexOf(text);
    if (place >= 0) return place;
  }
  return null;
}

function isPrefix(prompt: readonly number[], ids: readonly number[], length: number): boolean {
  return prompt.length === length && prompt.every((id, place) => id === ids[place]);
}

/** Token ids of a prompt and its answer. */
export interface EncodedCompletion {
  readonly prompt: readonly number[];
  /** Without the end token. */
  readonly answer: readonly number[];
}

/**
 * Tokenizes an answer exactly as in training rows, or returns the issue if the template rejects it.
 *
 * @param messages messages before the answer
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function encodeCompletion(
  messages: readonly Message[],
  answer: string,
  tokenizer: Tokenizer,
): EncodedCompletion | RowIssue {
  const row = { messages: [...messages, { role: "assistant" as const, content: answer }], file: "", row: 0 };
  const whole = encodeConversation(row, tokenizer, new Set(tokenizer.endIds), "completion");
  if ("code" in whole) return whole;
  const { ids, promptLength, answerEnd, endsProperly } = whole;
  return {
    prompt: ids.slice(0, promptLength),
    answer: ids.slice(promptLength, endsProperly ? answerEnd - 1 : answerEnd),
  };
}
