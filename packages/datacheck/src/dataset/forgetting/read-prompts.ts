/** @file Reads the files of documents, prompts, multiple-choice questions, regression prompts and requests. */

import { collectRowIssues } from "@tunewise/core/rows";
import { findingOf, problem } from "../../problem/index.ts";
import { readJsonl } from "../jsonl.ts";
import { MAX_FIELD_LENGTH } from "../limits.ts";
import { isRowIssue, textOf } from "../messages.ts";
import { type Fields, fieldOf, isFields, kindOf } from "../record.ts";
import { lineEnds, readRecords } from "../records.ts";
import type { RowIssue, RowIssues } from "../row-issue.ts";
import { patternProblem } from "./pattern.ts";
import type {
  ChoiceItem,
  Expected,
  LocatedText,
  ProbeRequest,
  ReadItems,
  RegressionPrompt,
} from "./prompts.ts";

/** Max. choices of a question. */
const maxChoices = 26;

/**
 * Reads documents: `{"text": ...}` per line, or a `.txt` file of paragraphs separated by blank lines.
 *
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY`, `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export function readTexts(path: string, shown: string): Promise<ReadItems<LocatedText>> {
  return readTextItems(path, shown, "documents", "text", "blocks");
}

/**
 * Reads prompts: `{"prompt": ...}` per line, or a `.txt` file with one per line.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readPrompts(path: string, shown: string): Promise<ReadItems<LocatedText>> {
  return readTextItems(path, shown, "prompts", "prompt", "lines");
}

/**
 * Reads questions: `{"question": ..., "choices": [...], "answer": ...}` per line. The answer is the text of a choice,
 * its 0-based index, or its letter. Findings: `FORGETTING_CHOICES_INVALID`, `FORGETTING_ANSWER_INVALID`.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readChoices(path: string, shown: string): Promise<ReadItems<ChoiceItem>> {
  return readItems(path, shown, "questions", choiceOf);
}

/**
 * Reads regression prompts: `{"prompt": ..., "expected": ...}` per line, optionally with its own `system` message.
 * Finding: `FORGETTING_EXPECTED_INVALID`.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readRegressionPrompts(path: string, shown: string): Promise<ReadItems<RegressionPrompt>> {
  return readItems(path, shown, "prompts", regressionPromptOf);
}

/**
 * Reads requests: `{"prompt": ..., "refuse": true or false}` per line.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readRequests(path: string, shown: string): Promise<ReadItems<ProbeRequest>> {
  return readItems(path, shown, "requests", (fields, line) => {
    const text = filledText(fields, "prompt");
    if (typeof text !== "string") return text;
    const refuse = fieldOf(fields, "refuse");
    if (typeof refuse !== "boolean")
      return { code: "DATA_FIELD_TYPE", reason: "refuse is neither true nor false" };
    return { text, refuse, line };
  });
}

function readTextItems(
  path: string,
  shown: string,
  what: string,
  field: string,
  unit: "blocks" | "lines",
): Promise<ReadItems<LocatedText>> {
  if (/\.txt$/i.test(shown)) return readPlainTexts(path, shown, what, unit);
  return readItems(path, shown, what, (fields, line) => {
    const text = filledText(fields, field);
    return typeof text === "string" ? { text, line } : text;
  });
}

function choiceOf(fields: Fields, line: number): ChoiceItem | RowIssue {
  const question = filledText(fields, "question");
  if (typeof question !== "string") return question;
  const given = fieldOf(fields, "choices");
  const invalid = (reason: string): RowIssue => ({ code: "FORGETTING_CHOICES_INVALID", reason });
  if (!Array.isArray(given)) return invalid("choices is not a list");
  if (given.length < 2 || given.length > maxChoices)
    return invalid(`${given.length} choices; from 2 to ${maxChoices} are needed`);
  const choices: string[] = [];
  for (const value of given) {
    const text = filledText({ choice: value }, "choice", true);
    if (typeof text !== "string") return invalid(text.reason);
    choices.push(text.trim());
  }
  if (new Set(choices).size < choices.length) return invalid("two choices are the same");
  const answer = answerOf(fieldOf(fields, "answer"), choices);
  if (answer === null)
    return { code: "FORGETTING_ANSWER_INVALID", reason: "the answer matches none of the choices" };
  return { question: question.trim(), choices, answer, line };
}

/** Resolves the correct choice by text, 0-based index or letter, or returns `null`. */
function answerOf(given: unknown, choices: readonly string[]): number | null {
  if (typeof given === "number")
    return Number.isInteger(given) && given >= 0 && given < choices.length ? given : null;
  if (typeof given !== "string") return null;
  const word = given.trim();
  const byText = choices.indexOf(word);
  if (byText >= 0) return byText;
  const byLetter = /^[A-Za-z]$/.test(word) ? word.toUpperCase().charCodeAt(0) - 65 : -1;
  return byLetter >= 0 && byLetter < choices.length ? byLetter : null;
}

function regressionPromptOf(fields: Fields, line: number): RegressionPrompt | RowIssue {
  const prompt = filledText(fields, "prompt");
  if (typeof prompt !== "string") return prompt;
  const system = fieldOf(fields, "system") === undefined ? null : filledText(fields, "system");
  if (system !== null && typeof system !== "string") return system;
  const expected = readExpected(fieldOf(fields, "expected"));
  return isRowIssue(expected) ? expected : { prompt, system, expected, line };
}

/** Conditions that take one text, by their name in the file. */
const texts = {
  equals: "equals",
  contains: "contains",
  icontains: "icontains",
  excludes: "excludes",
} as const;
/** Conditions that take several texts. */
const lists = { contains_all: "containsAll", contains_any: "containsAny" } as const;
const names = [...Object.keys(texts), ...Object.keys(lists), "regex", "is_json"];

/** Reads `expected`: a text that the answer must contain, or at least one named condition. */
export function readExpected(given: unknown): Expected | RowIssue {
  if (typeof given === "string")
    return given.trim() === "" ? refused("expected is empty") : { contains: given };
  if (!isFields(given)) return refused(`expected is ${kindOf(given)}`);
  const entries = Object.entries(given);
  if (entries.length === 0) return refused(`expected has none of ${names.join(", ")}`);
  let expected: Expected = {};
  for (const [name, value] of entries) {
    const part = conditionOf(name, value);
    if (isRowIssue(part)) return part;
    expected = { ...expected, ...part };
  }
  return expected;
}

function conditionOf(name: string, value: unknown): Expected | RowIssue {
  const wrong = refused(`${name.slice(0, 40)} is ${kindOf(value)}`);
  if (Object.hasOwn(texts, name))
    return isFilled(value) ? { [texts[name as keyof typeof texts]]: value } : wrong;
  if (Object.hasOwn(lists, name)) {
    const isList = Array.isArray(value) && value.length > 0 && value.every(isFilled);
    return isList ? { [lists[name as keyof typeof lists]]: value as string[] } : wrong;
  }
  if (name === "is_json") return typeof value === "boolean" ? { isJson: value } : wrong;
  if (name !== "regex")
    return refused(`expected has the unknown condition ${name.slice(0, 40)}; known are ${names.join(", ")}`);
  if (typeof value !== "string") return wrong;
  const reason = patternProblem(value);
  return reason === null ? { regex: value } : refused(reason);
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function refused(reason: string): RowIssue {
  return { code: "FORGETTING_EXPECTED_INVALID", reason };
}

/** Max. items of a file; a measurement uses a few hundred. */
const MAX_ITEMS = 100_000;

/** Converts the fields of a row into an item, or returns the issue that prevents it. */
export type ItemReader<Item> = (fields: Fields, line: number) => Item | RowIssue;

/**
 * Reads the items of a JSON Lines file; unusable rows become warnings.
 *
 * @param what plural noun for the message about an empty file
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` if no row is usable; see also `readRecords`
 */
export async function readItems<Item extends object>(
  path: string,
  shown: string,
  what: string,
  read: ItemReader<Item>,
): Promise<ReadItems<Item>> {
  const issues = collectRowIssues("warning", findingOf);
  const items: Item[] = [];
  for await (const batch of readJsonl(path, shown)) {
    for (const row of batch) {
      const item = "fields" in row ? read(row.fields, row.at.line ?? row.at.row) : row.issue;
      if (isRowIssue(item)) issues.add(item, { file: shown, ...row.at });
      else if (items.length < MAX_ITEMS) items.push(item);
    }
  }
  return requireItems(items, issues, shown, what);
}

/**
 * Reads the texts of a plain text file.
 *
 * @param unit `blocks`: paragraphs separated by blank lines · `lines`: one text per line
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` if there is no text; see also `readRecords`
 */
export async function readPlainTexts(
  path: string,
  shown: string,
  what: string,
  unit: "blocks" | "lines",
): Promise<ReadItems<LocatedText>> {
  const issues = collectRowIssues("warning", findingOf);
  const items: LocatedText[] = [];
  let block: { line: number; last: number; parts: string[] } | null = null;
  const close = (): void => {
    const text = block?.parts.join("\n").trim() ?? "";
    if (block && text !== "" && text.length <= MAX_FIELD_LENGTH && items.length < MAX_ITEMS)
      items.push({ text, line: block.line });
    block = null;
  };
  for await (const records of readRecords(path, shown, lineEnds())) {
    for (const record of records) {
      if (!("text" in record)) {
        issues.add(record.issue, { file: shown, line: record.line });
        continue;
      }
      // blank lines are not records, so a gap in line numbers ends a block
      const goesOn: boolean = unit === "blocks" && block !== null && record.line === block.last + 1;
      if (!goesOn || record.text.trim() === "") close();
      if (record.text.trim() === "") continue;
      block ??= { line: record.line, last: record.line, parts: [] };
      block.parts.push(record.text);
      block.last = record.line;
    }
  }
  close();
  return requireItems(items, issues, shown, what);
}

/** Returns a non-empty text field, or the issue that prevents it. */
export function filledText(fields: Fields, name: string, loose = false): string | RowIssue {
  const text = textOf(fieldOf(fields, name), name, loose);
  if (typeof text !== "string" || text.trim() !== "") return text;
  return { code: "DATA_FIELD_MISSING", reason: `${name} is empty` };
}

function requireItems<Item>(
  items: readonly Item[],
  issues: RowIssues,
  file: string,
  what: string,
): ReadItems<Item> {
  const findings = issues.findings();
  if (items.length > 0) return { items, findings };
  const reason = findings[0]?.detail ?? "it is empty";
  throw problem("FORGETTING_FILE_EMPTY", { file, what, reason });
}
