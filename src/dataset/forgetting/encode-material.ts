/**
 * @file Material as tokens: documents and choices as rows that carry loss, prompts as ids.
 */

import type { Finding } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import { type Complaints, collectComplaints } from "../complaint.ts";
import type { EncodedRow } from "../example.ts";
import type { Tokenizer } from "../tokenizer.ts";
import type { ChoiceItem, MustPrompt, PlacedText } from "./material.ts";

/** What a model takes. */
export interface MaterialLimits {
  readonly contextLength: number;
  /** V: ids from here on have no row in the model. */
  readonly vocabulary: number;
}

/** One of the model's answers to a question is scored by each of these rows. */
export interface EncodedChoice {
  readonly rows: readonly EncodedRow[];
  /** Characters of each choice, by which its likelihood is divided. */
  readonly characters: readonly number[];
  readonly answer: number;
}

/** A prompt with the number of its item. */
export interface EncodedPrompt {
  readonly ids: Int32Array;
  readonly item: number;
}

/** Items as tokens, and what was cut or left out. */
export interface Encoded<Item> {
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

/** Longest piece of a document, in tokens: so that one book does not cost as much as a thousand letters. */
const documentTokensMost = 512;
/** Longest prompt for the divergence: logits of all its places are held at once, for two models. */
const promptTokensMost = 64;

/**
 * Documents with the loss on every token but the first. Longer ones are cut. Findings: `FORGETTING_TEXT_CUT`,
 * `FORGETTING_TOKEN_OUTSIDE`, `DATA_TEXT_INVALID`.
 */
export function encodeTexts(
  texts: readonly PlacedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: MaterialLimits,
): Encoded<EncodedRow> {
  const complaints = collectComplaints("warning");
  const most = Math.min(documentTokensMost, limits.contextLength);
  const rows: EncodedRow[] = [];
  for (const [example, { text, line }] of texts.entries()) {
    const ids = withBeginning(text, tokenizer);
    if (isEmpty(ids, complaints, { file, line }) || isOutside(ids, limits, complaints, { file, line }))
      continue;
    if (ids.length > most) {
      const reason = `${countOf(ids.length, "token")}, of which the first ${most} are read`;
      complaints.add({ code: "FORGETTING_TEXT_CUT", reason }, { file, line }, "note");
    }
    rows.push(rowOf(ids.slice(0, most), 1, example));
  }
  return { items: rows, findings: complaints.findings() };
}

/**
 * Questions with a row for each choice. What ends with a question mark is put as `Question: ...` and `Answer:` on the
 * next line, anything else is a beginning that the choice goes on from. Findings: `FORGETTING_ROW_TOO_LONG`,
 * `FORGETTING_TOKEN_OUTSIDE`.
 */
export function encodeChoices(
  items: readonly ChoiceItem[],
  file: string,
  tokenizer: Tokenizer,
  limits: MaterialLimits,
): Encoded<EncodedChoice> {
  const complaints = collectComplaints("warning");
  const encoded: EncodedChoice[] = [];
  for (const [example, { question, choices, answer, line }] of items.entries()) {
    const head = question.endsWith("?") ? `Question: ${question}\nAnswer:` : question;
    const rows = choices.map((choice) => {
      const beginning = beginningOf(tokenizer);
      const { ids, index } = tokenizer.encodeAt(`${head} ${choice}`, head.length);
      return rowOf([...beginning, ...ids], beginning.length + index, example);
    });
    const place = { file, line };
    const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    if (rows.some(({ ids }) => isOutside(ids, limits, complaints, place))) continue;
    if (isTooLong(longest, limits.contextLength, complaints, place)) continue;
    encoded.push({ rows, characters: choices.map((choice) => [...choice].length), answer });
  }
  return { items: encoded, findings: complaints.findings() };
}

/**
 * Prompts as they stand, without a chat template; longer ones are cut. Findings: `FORGETTING_TOKEN_OUTSIDE`,
 * `DATA_TEXT_INVALID`.
 */
export function encodePrompts(
  prompts: readonly PlacedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: MaterialLimits,
): Encoded<EncodedPrompt> {
  const complaints = collectComplaints("warning");
  const most = Math.min(promptTokensMost, limits.contextLength);
  const encoded = prompts.flatMap(({ text, line }, item): EncodedPrompt[] => {
    const ids = withBeginning(text, tokenizer).slice(0, most);
    const place = { file, line };
    if (isEmpty(ids, complaints, place) || isOutside(ids, limits, complaints, place)) return [];
    return [{ ids: Int32Array.from(ids), item }];
  });
  return { items: encoded, findings: complaints.findings() };
}

/**
 * Prompts that must still work, through the chat template where the model has one. Findings:
 * `FORGETTING_ROW_TOO_LONG`, `FORGETTING_TOKEN_OUTSIDE`.
 *
 * @param system for prompts without a system message of their own; `null`: none
 * @param room tokens the answer may take
 */
export function encodeMusts(
  musts: readonly MustPrompt[],
  file: string,
  tokenizer: Tokenizer,
  limits: MaterialLimits & { readonly system: string | null; readonly room: number },
): Encoded<EncodedPrompt> {
  const complaints = collectComplaints("warning");
  const encoded = musts.flatMap(({ prompt, system, line }, item): EncodedPrompt[] => {
    const ids = asked(prompt, system ?? limits.system, tokenizer);
    const place = { file, line };
    if (isOutside(ids, limits, complaints, place)) return [];
    if (isTooLong(ids.length, limits.contextLength - limits.room, complaints, place)) return [];
    return [{ ids: Int32Array.from(ids), item }];
  });
  return { items: encoded, findings: complaints.findings() };
}

/**
 * Prompts to be answered, through the chat template where the model has one. Findings: `FORGETTING_ROW_TOO_LONG`,
 * `FORGETTING_TOKEN_OUTSIDE`.
 *
 * @param system system message; `null`: none
 * @param room tokens the answer may take
 */
export function encodeQuestions(
  prompts: readonly PlacedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: MaterialLimits & { readonly system: string | null; readonly room: number },
): Encoded<EncodedPrompt> {
  const musts = prompts.map(({ text, line }) => ({ prompt: text, system: null, expected: {}, line }));
  return encodeMusts(musts, file, tokenizer, limits);
}

function asked(prompt: string, system: string | null, tokenizer: Tokenizer): readonly number[] {
  if (!tokenizer.hasChatTemplate) return withBeginning(prompt, tokenizer);
  const messages = [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    { role: "user" as const, content: prompt },
  ];
  return tokenizer.encodeAt(tokenizer.render(messages, { addGenerationPrompt: true }), 0).ids;
}

function withBeginning(text: string, tokenizer: Tokenizer): readonly number[] {
  return [...beginningOf(tokenizer), ...tokenizer.encodeAt(text, 0).ids];
}

/** What the tokenizer puts before a text by itself: a beginning token, or nothing. */
function beginningOf(tokenizer: Tokenizer): readonly number[] {
  const [bare] = tokenizer.encodeAt("a", 0).ids;
  const whole = tokenizer.encode("a");
  return whole.slice(0, Math.max(0, whole.indexOf(bare ?? -1)));
}

/** The loss lies on `ids[from]` and all behind it. */
function rowOf(tokens: readonly number[], from: number, example: number): EncodedRow {
  const ids = Int32Array.from(tokens);
  const labelled = new Uint8Array(ids.length).fill(1, Math.max(1, from));
  return { ids, labelled, promptLength: Math.min(from, ids.length), example };
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** A tokenizer may drop characters, up to all of a text. */
function isEmpty(ids: ArrayLike<number>, complaints: Complaints, place: Place): boolean {
  if (ids.length > 0) return false;
  complaints.add({ code: "DATA_TEXT_INVALID", reason: "the tokenizer leaves nothing of it" }, place);
  return true;
}

function isOutside(
  ids: ArrayLike<number>,
  { vocabulary }: MaterialLimits,
  complaints: Complaints,
  place: Place,
): boolean {
  const found = Array.from(ids).find((id) => id >= vocabulary);
  if (found === undefined) return false;
  const reason = `token ${found}, and the model has ${vocabulary}`;
  complaints.add({ code: "FORGETTING_TOKEN_OUTSIDE", reason }, place);
  return true;
}

function isTooLong(tokens: number, most: number, complaints: Complaints, place: Place): boolean {
  if (tokens <= most) return false;
  complaints.add(
    { code: "FORGETTING_ROW_TOO_LONG", reason: `${countOf(tokens, "token")}, room for ${most}` },
    place,
  );
  return true;
}
