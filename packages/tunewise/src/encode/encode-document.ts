/** @file Tokenizes a document, and divides it into blocks in which each token is predicted once. */
import { answerText, type EncodedRow, type Example, type RowIssue } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import type { ProblemCode } from "../problem/index.ts";
import type { EncodedConversation } from "./row-encoding.ts";

/** A document before and after it is divided. */
export interface EncodedDocument {
  /** The whole document, in the form of a conversation with one trained turn. */
  readonly encoded: EncodedConversation;
  readonly blocks: readonly EncodedRow[];
}

/**
 * Tokenizes a document: its text with the tokens that the tokenizer adds (BOS), and an end token.
 *
 * A document longer than `maxLength` becomes several blocks. Each further block begins with the last token of the
 * previous one, without loss, so that every token of the document except its first is predicted exactly once. The model
 * does not see more of the previous block, as in block-wise training with transformers.
 *
 * @param index of the example
 * @param maxLength tokens of a block, at least 2
 * @returns the issue `DATA_TEXT_INVALID` if the tokenizer removes all of the text
 * @source text and end token as in huggingface/trl trl/trainer/sft_trainer.py, `add_eos` and `tokenize_fn`, version 1.6
 */
export function encodeDocument(
  example: Example,
  index: number,
  tokenizer: Tokenizer,
  maxLength: number,
): EncodedDocument | RowIssue<ProblemCode> {
  const text = documentText(example);
  const ids = tokenizer.encode(text);
  const [endId = null] = tokenizer.endIds;
  const endsAlready = ids.length > 0 && endId !== null && ids.at(-1) === endId;
  if (ids.length === 0) return { code: "DATA_TEXT_INVALID", reason: "the tokenizer removes all of it" };
  if (endId !== null && !endsAlready) ids.push(endId);
  if (ids.length < 2) return { code: "DATA_TEXT_INVALID", reason: "it has one token, and none to predict" };
  return { encoded: wholeDocument(ids, tokenizer), blocks: blocksOf(ids, index, maxLength) };
}

/** The text of a document. */
export function documentText({ messages }: Example): string {
  return messages.map(answerText).join("");
}

function wholeDocument(ids: readonly number[], { beginId, endIds }: Tokenizer): EncodedConversation {
  return {
    ids,
    promptLength: 1,
    spans: [{ from: 1, to: ids.length }],
    reasoning: [],
    turns: [],
    answerEnd: ids.length,
    endsProperly: endIds.includes(ids.at(-1) ?? -1),
    promptIsPrefix: true,
    beginsTwice: beginId !== null && ids[0] === beginId && ids[1] === beginId,
    uses: ["trained"],
  };
}

function blocksOf(ids: readonly number[], example: number, maxLength: number): EncodedRow[] {
  const blocks: EncodedRow[] = [];
  for (let from = 0; from < ids.length - 1; from += maxLength - 1) {
    const block = Int32Array.from(ids.slice(from, from + maxLength));
    blocks.push({
      ids: block,
      labelled: new Uint8Array(block.length).fill(1, 1),
      promptLength: 1,
      example,
    });
  }
  return blocks;
}

/**
 * The part of a document's text that its tokens predict: without the first token, unless the tokenizer puts one in
 * front of the text.
 */
export function predictedText(example: Example, tokenizer: Tokenizer): string {
  const text = documentText(example);
  const [first] = tokenizer.encode(text.slice(0, firstTokenCharacters));
  if (first === undefined || tokenizer.specialTokens.has(first)) return text;
  const start = tokenizer.decode([first]);
  return text.startsWith(start) ? text.slice(start.length) : text;
}

/** Max. characters in which the first token of a text is sought. */
const firstTokenCharacters = 512;
