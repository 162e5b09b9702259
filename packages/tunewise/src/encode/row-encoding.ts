/** @file Tokenizes one conversation and locates the answer in its tokens. */

import type { Conversation, EncodedRow, Example, Message, RowIssue } from "@tunewise/core/rows";
import { renderedOrNull, type Tokenizer } from "@tunewise/engine/tokenize";
import { type ProblemCode, TunewiseError } from "../problem/index.ts";
import { behindReasoning, forTemplate } from "./template-probes.ts";

/** Which tokens contribute to the loss; named like the recipe's data section. */
export interface LossOptions {
  /** `completion`: the trained turns of the assistant; `all`: all other tokens too, except position 0. */
  readonly loss: "completion" | "all";
  /** Trained turns: all turns of the assistant whose weight is not 0, or only the last of them. */
  readonly trainOn: "last" | "all";
  /** `mask`: the reasoning of trained turns has no loss. `strip` removes it when rows are read. */
  readonly reasoning: "train" | "mask" | "strip";
}

/** Tokens `from` to `to - 1`. */
interface TokenSpan {
  readonly from: number;
  readonly to: number;
}

/** Tokens with loss of a turn. */
interface TurnSpan extends TokenSpan {
  /** Index of its message. */
  readonly turn: number;
}

/** A tokenized conversation before truncation. */
export interface EncodedConversation {
  readonly ids: readonly number[];
  readonly promptLength: number;
  /** Tokens with loss, in order; never empty. */
  readonly spans: readonly TokenSpan[];
  /** Reasoning in trained turns, up to the content or the calls behind it, in order. */
  readonly reasoning: readonly TokenSpan[];
  /** Turns that are trained as a whole, in order; none with `loss: all`. */
  readonly turns: readonly TurnSpan[];
  /** Index after the last end token of the answer; the number of ids if there is none. */
  readonly answerEnd: number;
  readonly endsProperly: boolean;
  /** Whether tokenizing the prompt alone yields a prefix of `ids`. */
  readonly promptIsPrefix: boolean;
  readonly beginsTwice: boolean;
  /** What training does with each message. */
  readonly uses: readonly MessageUse[];
}

/**
 * What training does with a message. Only `trained` ones have loss. `before_last`: `trainOn: last` leaves it out;
 * `empty`: a turn without text and calls; `changed`: the template renders it differently once later turns follow;
 * `beyond_length`: it begins after `maxLength`.
 */
export type MessageUse =
  | "trained"
  | "context"
  | "weight_zero"
  | "before_last"
  | "empty"
  | "changed"
  | "beyond_length";

/**
 * Renders and tokenizes an example, or returns the issue that prevents it: `DATA_TEMPLATE_REFUSED`,
 * `DATA_BOUNDARY_UNCLEAR`, `DATA_ANSWER_EMPTY`.
 *
 * A turn before the last answer has loss on the tokens that would have loss if the row ended there. This requires that
 * they are the same in the whole row. If they are not (Qwen3 removes the thoughts of earlier turns), the model would
 * learn tokens other than those it has to generate. Such a turn has no loss: its use is `changed`.
 *
 * @param maxLength turns after this many tokens are not located
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function encodeConversation(
  example: Example,
  tokenizer: Tokenizer,
  endIds: ReadonlySet<number>,
  options: LossOptions,
  maxLength: number = Number.POSITIVE_INFINITY,
): EncodedConversation | RowIssue<ProblemCode> {
  const texts = renderBoth(example, tokenizer);
  if ("code" in texts) return texts;
  const { prompt, full } = texts;
  const at = answerOffset(texts, example);
  if (at === null && options.loss === "completion") return boundaryUnclear;
  const { ids, index } = tokenizer.encodeAt(full, at ?? full.length);
  const end = ids.findLastIndex((id, place) => place >= index && endIds.has(id));
  const answerEnd = end < 0 ? ids.length : end + 1;
  const uses = usesOf(example, options);
  const isAll = options.loss === "all";
  const last = example.messages.length - 1;
  const whole = { ids, endIds, maxLength };
  const locate = (...sought: readonly MessageUse[]) =>
    locateTurns(turnsOf(example, uses, sought), example, tokenizer, whole);
  // With `loss: all`, every token has loss except those of the turns that are left out.
  const left = isAll ? locate("weight_zero", "before_last") : noTurns;
  if (left.changed.length > 0) return boundaryUnclear;
  const trained = locate("trained");
  for (const turn of isAll ? [] : trained.changed) uses[turn] = "changed";
  for (const turn of trained.beyond) uses[turn] = "beyond_length";
  if (index >= maxLength) uses[last] = "beyond_length";
  const thoughts = reasoningSpan(texts, at, example, tokenizer);
  const reasoning = [...trained.reasoning, ...(thoughts === null ? [] : [thoughts])];
  const answer = { from: Math.max(1, index), to: answerEnd, turn: last };
  const turns = isAll ? [] : [...trained.spans, answer].filter(({ from, to }) => from < to);
  const answers = isAll ? spansBetween(left.spans, 1, ids.length) : turns;
  const spans =
    options.reasoning === "mask"
      ? answers.flatMap(({ from, to }) => spansBetween(reasoning, from, to))
      : answers;
  if (spans.length === 0 || (!isAll && index >= answerEnd))
    return { code: "DATA_ANSWER_EMPTY", reason: "no token of the answer remains in the rendered text" };
  return {
    ids,
    promptLength: index,
    spans,
    reasoning,
    turns,
    answerEnd,
    endsProperly: end >= 0,
    promptIsPrefix:
      prompt === null || !full.startsWith(prompt) || isPrefix(tokenizer.encodeAt(prompt, 0).ids, ids, index),
    beginsTwice: tokenizer.beginId !== null && ids[0] === tokenizer.beginId && ids[1] === tokenizer.beginId,
    uses,
  };
}

const boundaryUnclear: RowIssue<ProblemCode> = {
  code: "DATA_BOUNDARY_UNCLEAR",
  reason: "the template changes prompt and answer",
};

/**
 * Truncates a conversation after its last trained turn that fits: a part of a further turn has no end to learn, and
 * nothing is learned from the messages before it. If no trained turn fits, its first `maxLength` tokens remain.
 */
export function cutAtTurn(
  whole: EncodedConversation,
  maxLength: number,
): Pick<EncodedConversation, "uses"> & { readonly length: number } {
  const length = whole.turns.findLast(({ to }) => to <= maxLength)?.to ?? maxLength;
  const lost = new Set(whole.turns.filter(({ from }) => from >= length).map(({ turn }) => turn));
  return { length, uses: whole.uses.map((use, at) => (lost.has(at) ? "beyond_length" : use)) };
}

/** Truncates a row and sets its loss mask. */
export function labelRow(whole: EncodedConversation, maxLength: number, example: number): EncodedRow {
  const ids = Int32Array.from(whole.ids.length > maxLength ? whole.ids.slice(0, maxLength) : whole.ids);
  const labelled = new Uint8Array(ids.length);
  for (const { from, to } of whole.spans) labelled.fill(1, from, to);
  return { ids, labelled, promptLength: Math.min(whole.promptLength, ids.length), example };
}

/** What training does with each message by its role, weight, text and position. */
function usesOf({ messages }: Example, { loss, trainOn }: LossOptions): MessageUse[] {
  return messages.map(({ role, content, weight, toolCalls }, at): MessageUse => {
    if (role !== "assistant") return loss === "all" ? "trained" : "context";
    if (at === messages.length - 1) return "trained";
    if (content.trim() === "" && toolCalls === undefined) return "empty";
    if (weight === 0) return "weight_zero";
    return trainOn === "last" ? "before_last" : "trained";
  });
}

/** Indices of the assistant's turns before the answer with one of the uses. */
function turnsOf(
  { messages }: Example,
  uses: readonly MessageUse[],
  sought: readonly MessageUse[],
): readonly number[] {
  return [...messages.keys()].slice(0, -1).filter((at) => {
    return messages[at]?.role === "assistant" && sought.includes(uses[at] as MessageUse);
  });
}

interface WholeRow {
  readonly ids: readonly number[];
  readonly endIds: ReadonlySet<number>;
  readonly maxLength: number;
}

interface LocatedTurns {
  readonly spans: readonly TurnSpan[];
  /** Their reasoning. */
  readonly reasoning: readonly TokenSpan[];
  /** Turns that the template renders differently once later turns follow. */
  readonly changed: readonly number[];
  /** Turns that begin after `maxLength`. */
  readonly beyond: readonly number[];
}

const noTurns: LocatedTurns = { spans: [], reasoning: [], changed: [], beyond: [] };

/** Token spans of turns before the answer, including end tokens, and the turns that cannot be located. */
function locateTurns(
  turns: readonly number[],
  example: Example,
  tokenizer: Tokenizer,
  row: WholeRow,
): LocatedTurns {
  const spans: TurnSpan[] = [];
  const reasoning: TokenSpan[] = [];
  const changed: number[] = [];
  for (const [place, turn] of turns.entries()) {
    const upTo = { ...example, messages: example.messages.slice(0, turn + 1) };
    const texts = renderBoth(upTo, tokenizer);
    const at = "code" in texts ? null : answerOffset(texts, upTo);
    const span =
      "code" in texts || at === null ? null : sharedTurn(tokenizer.encodeAt(texts.full, at), row, tokenizer);
    if ("code" in texts || span === null) {
      changed.push(turn);
      continue;
    }
    if (span.from >= row.maxLength) return { spans, reasoning, changed, beyond: turns.slice(place) };
    spans.push({ ...span, turn });
    const thoughts = reasoningSpan(texts, at, upTo, tokenizer);
    if (thoughts !== null) reasoning.push(thoughts);
  }
  return { spans, reasoning, changed, beyond: [] };
}

/**
 * A turn's tokens in the whole row, or `null` if they differ from those that end the conversation. End tokens and white
 * space behind the turn may differ: Phi-3's template, for example, writes one more end token after the last turn.
 *
 * @param ended ids of the conversation up to the turn, and where it begins
 */
function sharedTurn(
  ended: ReturnType<Tokenizer["encodeAt"]>,
  { ids, endIds }: WholeRow,
  tokenizer: Tokenizer,
): TokenSpan | null {
  const differs = ended.ids.findIndex((id, at) => id !== ids[at]);
  const to = differs < 0 ? ended.ids.length : differs;
  const rest = ended.ids.slice(to).filter((id) => !endIds.has(id));
  const from = Math.max(1, ended.index);
  if (to <= from || tokenizer.decode(rest).trim() !== "") return null;
  const end = ids.findLastIndex((id, at) => at >= from && at < to && endIds.has(id));
  if (end < 0 && differs >= 0) return null; // only the end of the conversation would have an end token
  return { from, to: end < 0 ? to : end + 1 };
}

/** The tokens of the last turn before its content or calls, if it has reasoning. */
function reasoningSpan(
  { full }: RenderedConversation,
  at: number | null,
  { messages }: Conversation,
  tokenizer: Tokenizer,
): TokenSpan | null {
  const { reasoning } = messages.at(-1) as Message;
  if (reasoning === undefined || at === null) return null;
  const to = tokenizer.encodeAt(full, behindReasoning(full, at, reasoning, tokenizer)).index;
  return { from: Math.max(1, tokenizer.encodeAt(full, at).index), to };
}

/** The tokens `first` to `end - 1` without those of the given spans. */
function spansBetween(left: readonly TokenSpan[], first: number, end: number): TokenSpan[] {
  const inside = left.filter(({ from, to }) => to > first && from < end);
  const starts = [first, ...inside.map(({ to }) => to)];
  const ends = [...inside.map(({ from }) => from), end];
  return starts
    .map((from, index) => ({ from, to: ends[index] as number }))
    .filter(({ from, to }) => from < to);
}

/** A conversation as text, and the text that its last turn was generated from. */
interface RenderedConversation {
  readonly full: string;
  /** `null`: nothing precedes the turn, and the template renders no empty conversation. */
  readonly prompt: string | null;
  /** The turns before the last one, without the text that begins a new turn. */
  readonly history: () => string;
}

function renderBoth(given: Conversation, tokenizer: Tokenizer): RenderedConversation | RowIssue<ProblemCode> {
  try {
    const conversation = forTemplate(given, tokenizer);
    const full = tokenizer.render(conversation, { addGenerationPrompt: false });
    const asked = { ...conversation, messages: conversation.messages.slice(0, -1) };
    const isFirst = asked.messages.length === 0;
    const prompt = isFirst
      ? renderedOrNull(tokenizer, asked, true)
      : tokenizer.render(asked, { addGenerationPrompt: true });
    return { full, prompt, history: () => renderedOrNull(tokenizer, asked, false) ?? "" };
  } catch (error) {
    // A rejection by the template is a fault of the row; any other error is a fault of the model's files.
    if (!TunewiseError.is(error) || error.code !== "TEMPLATE_FAILED") throw error;
    return { code: "DATA_TEMPLATE_REFUSED", reason: String(error.params["reason"]) };
  }
}

/**
 * Offset of the last turn in the rendering: after its prompt, otherwise where its text last occurs behind the earlier
 * turns, or `null`.
 */
function answerOffset(
  { full, prompt, history }: RenderedConversation,
  { messages }: Conversation,
): number | null {
  if (prompt !== null && full.startsWith(prompt)) return prompt.length;
  const answer = messages.at(-1)?.content ?? "";
  const earliest = sharedLength(full, history());
  for (const text of [answer, answer.trim()]) {
    const place = text === "" ? -1 : full.lastIndexOf(text);
    if (place >= earliest) return place;
  }
  return null;
}

/** Number of characters that two texts begin with in common. */
function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length++;
  return length;
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
): EncodedCompletion | RowIssue<ProblemCode> {
  const row = { messages: [...messages, { role: "assistant" as const, content: answer }], file: "", row: 0 };
  const whole = encodeConversation(row, tokenizer, new Set(tokenizer.endIds), {
    loss: "completion",
    trainOn: "last",
    reasoning: "train",
  });
  if ("code" in whole) return whole;
  const { ids, promptLength, answerEnd, endsProperly } = whole;
  return {
    prompt: ids.slice(0, promptLength),
    answer: ids.slice(promptLength, endsProperly ? answerEnd - 1 : answerEnd),
  };
}
