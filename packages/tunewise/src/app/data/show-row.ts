/** @file One row: its tokens as text, which are trained, and why turns are trained or not. */
import { type Example, locationOf, type RowIssue } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import {
  type EncodedExample,
  type EncodeOptions,
  labelRow,
  type MessageUse,
  refusedMessage,
  warningsOf,
} from "../../encode/index.ts";
import { findingOf, type ProblemCode, placeText } from "../../problem/index.ts";
import { type RefusedRow, type ShownRow, type ShownTurn, visibleSpace } from "../../report/index.ts";

/** The row with every token. Tokens that are cut are included and marked. */
export function shownRow(
  example: Example,
  found: EncodedExample,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): ShownRow {
  const { encoded, rows } = found;
  const isUsed = rows.length > 0;
  const whole = labelRow(encoded, encoded.ids.length, 0);
  // the blocks of a document cover all of it
  const end = example.isDocument === true ? encoded.ids.length : (rows[0]?.ids.length ?? options.maxLength);
  const isTrained = (at: number): boolean => whole.labelled[at] === 1 && at < end && isUsed;
  const tokens = textsOf(encoded.ids, tokenizer).map((text, at) => ({
    id: encoded.ids[at] as number,
    text,
    isTrained: isTrained(at),
    isSpecial: tokenizer.specialTokens.has(encoded.ids[at] as number),
    isCut: at >= end,
  }));
  return {
    place: placeText(locationOf(example)),
    row: example.row,
    tokens,
    trainedTokens: tokens.filter((token) => token.isTrained).length,
    cutTokens: Math.max(0, encoded.ids.length - end),
    answerTokens: encoded.answerEnd - encoded.promptLength,
    isUsed,
    blocks: example.isDocument === true ? rows.length : null,
    turns: turnsOf(example, found),
    warnings: warningsOf(encoded),
  };
}

/** Text of each token with visible white space. A character of several tokens is shown at the last of them. */
function textsOf(ids: readonly number[], { specialTokens, stream }: Tokenizer): string[] {
  const texts: string[] = [];
  let text = stream();
  for (const [at, id] of ids.entries()) {
    const special = specialTokens.get(id);
    if (special === undefined) texts.push(text.add(id));
    else {
      const rest = text.end();
      if (at > 0) texts[at - 1] += rest;
      texts.push(special);
      text = stream();
    }
  }
  if (texts.length > 0) texts[texts.length - 1] += text.end();
  return texts.map((own, at) => {
    const [before = "\n", after = "\n"] = [texts[at - 1], texts[at + 1]];
    const isSpecial = (place: number): boolean => specialTokens.has(ids[place] ?? -1);
    return visibleSpace(own, {
      before: isSpecial(at - 1) || /\s$/.test(before),
      after: isSpecial(at + 1) || /^\s/.test(after),
    });
  });
}

function turnsOf({ messages, isDocument }: Example, { encoded, rows }: EncodedExample): ShownTurn[] {
  if (isDocument === true) return [];
  const isUsed = rows.length > 0;
  return messages.map(({ role }, at): ShownTurn => {
    const use = encoded.uses[at] as MessageUse;
    const why = !isUsed ? "the row is dropped" : role === "assistant" ? reasons[use] : otherReason(use);
    return { number: at + 1, role, isTrained: isUsed && use === "trained", why };
  });
}

const reasons: Readonly<Record<MessageUse, string>> = {
  trained: "an answer of the assistant",
  context: "context",
  weight_zero: "its weight is 0",
  before_last: "data.train_on: last",
  empty: "it is empty",
  changed: "the chat template rewrites it once later turns follow",
  beyond_length: "beyond data.max_length",
};

/** Messages that are no answers have loss only with `loss: all`. */
const otherReason = (use: MessageUse): string => (use === "trained" ? "data.loss: all" : reasons[use]);

/** A row that cannot be rendered, with the first message at which the template fails in the same way. */
export function refusedRow(
  example: Example,
  { code, reason }: RowIssue<ProblemCode>,
  tokenizer: Tokenizer,
): RefusedRow {
  const place = locationOf(example);
  const params = { rows: "1 row", first: placeText(place), count: 1 };
  const { fix } = findingOf(code, "error", params, [place], 1);
  return {
    place: placeText(place),
    row: example.row,
    code,
    message: refusedMessage(example, reason, tokenizer),
    error: reason,
    fix,
  };
}
