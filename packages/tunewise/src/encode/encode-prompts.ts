/**
 * @file Tokenizes the prompts that measure forgetting: documents and multiple-choice questions as rows with a loss
 * mask, prompts as ids.
 */

import { countOf } from "@tunewise/core/quantity";
import type { EncodedRow } from "@tunewise/core/rows";
import { collectRowIssues, type RowIssues } from "@tunewise/core/rows";
import type { ChoiceItem, LocatedText, RegressionPrompt } from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type Finding, findingOf, type Place, type ProblemCode } from "../problem/index.ts";

/** Limits of a model. */
export interface ModelLimits {
  readonly contextLength: number;
  /** Vocabulary size: token ids must be below it. */
  readonly vocabulary: number;
}

/** A question as one row per choice, each scored by its likelihood. */
export interface EncodedChoice {
  readonly rows: readonly EncodedRow[];
  /** Length of each choice in characters, which normalizes its log-likelihood. */
  readonly characters: readonly number[];
  readonly answer: number;
}

/** A prompt and the index of its item. */
export interface EncodedPrompt {
  readonly ids: Int32Array;
  readonly item: number;
}

/** Tokenized items, and findings about truncated or skipped ones. */
export interface Encoded<Item> {
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

/** Max. tokens of a document, so that one long document does not dominate the cost. */
const maxDocumentTokens = 512;
/** Max. tokens of a prompt for the KL divergence: the logits of all positions of two models are in memory at once. */
const maxPromptTokens = 64;

/**
 * Tokenizes documents, with loss on every token except the first; long ones are truncated. Findings:
 * `FORGETTING_TEXT_CUT`, `FORGETTING_TOKEN_OUTSIDE`, `DATA_TEXT_INVALID`.
 */
export function encodeTexts(
  texts: readonly LocatedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: ModelLimits,
): Encoded<EncodedRow> {
  const issues = collectRowIssues("warning", findingOf);
  const maxTokens = Math.min(maxDocumentTokens, limits.contextLength);
  const rows: EncodedRow[] = [];
  for (const [example, { text, line }] of texts.entries()) {
    const ids = encodeWithPrefix(text, tokenizer);
    if (isEmpty(ids, issues, { file, line }) || isOutside(ids, limits, issues, { file, line })) continue;
    if (ids.length > maxTokens) {
      const reason = `${countOf(ids.length, "token")}, of which the first ${maxTokens} are read`;
      issues.add({ code: "FORGETTING_TEXT_CUT", reason }, { file, line }, "note");
    }
    rows.push(rowOf(ids.slice(0, maxTokens), 1, example));
  }
  return { items: rows, findings: issues.findings() };
}

/**
 * Tokenizes questions, one row per choice. A text that ends with a question mark becomes `Question: ...` and `Answer:`
 * on the next line; any other text is a prefix that the choice continues. Findings: `FORGETTING_ROW_TOO_LONG`,
 * `FORGETTING_TOKEN_OUTSIDE`.
 */
export function encodeChoices(
  items: readonly ChoiceItem[],
  file: string,
  tokenizer: Tokenizer,
  limits: ModelLimits,
): Encoded<EncodedChoice> {
  const issues = collectRowIssues("warning", findingOf);
  const encoded: EncodedChoice[] = [];
  const prefix = prefixOf(tokenizer);
  for (const [example, { question, choices, answer, line }] of items.entries()) {
    const head = question.endsWith("?") ? `Question: ${question}\nAnswer:` : question;
    const rows = choices.map((choice) => {
      const { ids, index } = tokenizer.encodeAt(`${head} ${choice}`, head.length);
      return rowOf([...prefix, ...ids], prefix.length + index, example);
    });
    const location = { file, line };
    const longest = rows.reduce((max, { ids }) => Math.max(max, ids.length), 0);
    if (rows.some(({ ids }) => isOutside(ids, limits, issues, location))) continue;
    if (isTooLong(longest, limits.contextLength, issues, location)) continue;
    encoded.push({ rows, characters: choices.map((choice) => [...choice].length), answer });
  }
  return { items: encoded, findings: issues.findings() };
}

/**
 * Tokenizes prompts as is, without a chat template; long ones are truncated. Findings: `FORGETTING_TOKEN_OUTSIDE`,
 * `DATA_TEXT_INVALID`.
 */
export function encodePrompts(
  prompts: readonly LocatedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: ModelLimits,
): Encoded<EncodedPrompt> {
  const issues = collectRowIssues("warning", findingOf);
  const maxTokens = Math.min(maxPromptTokens, limits.contextLength);
  const encoded = prompts.flatMap(({ text, line }, item): EncodedPrompt[] => {
    const ids = encodeWithPrefix(text, tokenizer).slice(0, maxTokens);
    const location = { file, line };
    if (isEmpty(ids, issues, location) || isOutside(ids, limits, issues, location)) return [];
    return [{ ids: Int32Array.from(ids), item }];
  });
  return { items: encoded, findings: issues.findings() };
}

/**
 * Tokenizes regression prompts with the chat template, if the model has one. Findings: `FORGETTING_ROW_TOO_LONG`,
 * `FORGETTING_TOKEN_OUTSIDE`.
 *
 * @param system system message of prompts without their own; `null`: none
 * @param room max. tokens of the answer
 */
export function encodeRegressionPrompts(
  prompts: readonly RegressionPrompt[],
  file: string,
  tokenizer: Tokenizer,
  limits: ModelLimits & { readonly system: string | null; readonly room: number },
): Encoded<EncodedPrompt> {
  const issues = collectRowIssues("warning", findingOf);
  const encoded = prompts.flatMap(({ prompt, system, line }, item): EncodedPrompt[] => {
    const ids = renderPrompt(prompt, system ?? limits.system, tokenizer);
    const location = { file, line };
    if (isOutside(ids, limits, issues, location)) return [];
    if (isTooLong(ids.length, limits.contextLength - limits.room, issues, location)) return [];
    return [{ ids: Int32Array.from(ids), item }];
  });
  return { items: encoded, findings: issues.findings() };
}

/**
 * Tokenizes prompts to be answered with the chat template, if the model has one. Findings: `FORGETTING_ROW_TOO_LONG`,
 * `FORGETTING_TOKEN_OUTSIDE`.
 *
 * @param system system message; `null`: none
 * @param room max. tokens of the answer
 */
export function encodeQuestions(
  prompts: readonly LocatedText[],
  file: string,
  tokenizer: Tokenizer,
  limits: ModelLimits & { readonly system: string | null; readonly room: number },
): Encoded<EncodedPrompt> {
  const chats = prompts.map(({ text, line }) => ({ prompt: text, system: null, expected: {}, line }));
  return encodeRegressionPrompts(chats, file, tokenizer, limits);
}

function renderPrompt(prompt: string, system: string | null, tokenizer: Tokenizer): readonly number[] {
  if (!tokenizer.hasChatTemplate) return encodeWithPrefix(prompt, tokenizer);
  const messages = [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    { role: "user" as const, content: prompt },
  ];
  return tokenizer.encodeAt(tokenizer.render({ messages }, { addGenerationPrompt: true }), 0).ids;
}

function encodeWithPrefix(text: string, tokenizer: Tokenizer): readonly number[] {
  return [...prefixOf(tokenizer), ...tokenizer.encodeAt(text, 0).ids];
}

/** Special tokens that the tokenizer prepends to a text, such as BOS. */
function prefixOf(tokenizer: Tokenizer): readonly number[] {
  const [bare] = tokenizer.encodeAt("a", 0).ids;
  const ids = tokenizer.encode("a");
  return ids.slice(0, Math.max(0, ids.indexOf(bare ?? -1)));
}

/** Tokens from `ids[from]` on contribute to the loss. */
function rowOf(tokens: readonly number[], from: number, example: number): EncodedRow {
  const ids = Int32Array.from(tokens);
  const labelled = new Uint8Array(ids.length).fill(1, Math.max(1, from));
  return { ids, labelled, promptLength: Math.min(from, ids.length), example };
}

/** Whether a text has no tokens, which is recorded as an issue: a tokenizer may drop all characters. */
function isEmpty(ids: ArrayLike<number>, issues: RowIssues<ProblemCode>, location: Place): boolean {
  if (ids.length > 0) return false;
  issues.add({ code: "DATA_TEXT_INVALID", reason: "the tokenizer removes all of it" }, location);
  return true;
}

function isOutside(
  ids: ArrayLike<number>,
  { vocabulary }: ModelLimits,
  issues: RowIssues<ProblemCode>,
  location: Place,
): boolean {
  const found = Array.from(ids).find((id) => id >= vocabulary);
  if (found === undefined) return false;
  const reason = `token ${found}, and the model has ${vocabulary}`;
  issues.add({ code: "FORGETTING_TOKEN_OUTSIDE", reason }, location);
  return true;
}

function isTooLong(
  tokens: number,
  maxTokens: number,
  issues: RowIssues<ProblemCode>,
  location: Place,
): boolean {
  if (tokens <= maxTokens) return false;
  issues.add(
    { code: "FORGETTING_ROW_TOO_LONG", reason: `${countOf(tokens, "token")}, room for ${maxTokens}` },
    location,
  );
  return true;
}
