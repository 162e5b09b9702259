/** @file One row: its tokens as text, which are trained, and why turns are trained or not. */
import { type Example, locationOf, type Message, type RowIssue } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type EncodedExample, type EncodeOptions, labelRow, warningsOf } from "../../encode/index.ts";
import { findingOf, type ProblemCode, placeText, TunewiseError } from "../../problem/index.ts";
import { type RefusedRow, type ShownRow, type ShownTurn, visibleSpace } from "../../report/index.ts";

/** The row with every token. Tokens beyond `maxLength` are included and marked. */
export function shownRow(
  example: Example,
  found: EncodedExample,
  tokenizer: Tokenizer,
  options: EncodeOptions,
): ShownRow {
  const { encoded, row } = found;
  const whole = labelRow(encoded, encoded.ids.length, 0);
  const { maxLength } = options;
  const isTrained = (at: number): boolean => whole.labelled[at] === 1 && at < maxLength && row !== null;
  const tokens = textsOf(encoded.ids, tokenizer).map((text, at) => ({
    id: encoded.ids[at] as number,
    text,
    isTrained: isTrained(at),
    isSpecial: tokenizer.specialTokens.has(encoded.ids[at] as number),
    isCut: at >= maxLength,
  }));
  return {
    place: placeText(locationOf(example)),
    row: example.row,
    tokens,
    trainedTokens: tokens.filter((token) => token.isTrained).length,
    cutTokens: Math.max(0, encoded.ids.length - maxLength),
    answerTokens: encoded.answerEnd - encoded.promptLength,
    isUsed: row !== null,
    turns: turnsOf(example, found, options),
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

function turnsOf(
  { messages }: Example,
  { encoded, row }: EncodedExample,
  options: EncodeOptions,
): ShownTurn[] {
  const { changed, trained } = encoded.turns;
  const starts = trained.slice(0, -1);
  return messages.map((message, at): ShownTurn => {
    const number = at + 1;
    const isLast = number === messages.length;
    const turn = { number, role: message.role };
    const reason = row === null ? "the row is dropped" : exclusionOf(message, isLast, options);
    if (reason !== null) return { ...turn, isTrained: false, why: reason };
    if (message.role !== "assistant") return { ...turn, isTrained: true, why: "data.loss: all" };
    if (changed.includes(number))
      return { ...turn, isTrained: false, why: "the chat template rewrites it once later turns follow" };
    // Turns beyond the maximum length are not located.
    const start = isLast ? encoded.promptLength : (starts.shift() ?? options.maxLength);
    if (start >= options.maxLength) return { ...turn, isTrained: false, why: "beyond data.max_length" };
    return { ...turn, isTrained: true, why: "an answer of the assistant" };
  });
}

/** Why a turn has no loss by its role, weight, text or position; `null`: it has. */
function exclusionOf(
  { role, content, weight, toolCalls }: Message,
  isLast: boolean,
  { loss, trainOn }: EncodeOptions,
): string | null {
  if (role !== "assistant") return loss === "all" ? null : "context";
  if (weight === 0) return "its weight is 0";
  if (isLast) return null;
  if (content.trim() === "" && toolCalls === undefined) return "it is empty";
  return trainOn === "last" ? "data.train_on: last" : null;
}

/** A row that cannot be rendered, with the first message at which the template fails in the same way. */
export function refusedRow(
  example: Example,
  { code, reason }: RowIssue<ProblemCode>,
  tokenizer: Tokenizer,
): RefusedRow {
  const place = locationOf(example);
  const params = { rows: "1 row", first: placeText(place), count: 1 };
  const { fix } = findingOf(code, "error", params, [place], 1);
  const at = example.messages.findIndex((_, last) => {
    const messages = example.messages.slice(0, last + 1);
    return failureOf({ ...example, messages }, tokenizer) === reason;
  });
  return {
    place: placeText(place),
    row: example.row,
    code,
    message: at < 0 ? null : at + 1,
    error: reason,
    fix,
  };
}

function failureOf(example: Example, tokenizer: Tokenizer): string | null {
  try {
    tokenizer.render(example, { addGenerationPrompt: false });
    return null;
  } catch (error) {
    return TunewiseError.is(error) ? String(error.params["reason"]) : null;
  }
}
