/**
 * @file The four kinds of material, each from its file.
 */
import type { Complaint } from "../complaint.ts";
import { isComplaint } from "../messages.ts";
import { type Fields, fieldOf } from "../record.ts";
import { readExpected } from "./expected.ts";
import type { ChoiceItem, MustPrompt, PlacedText, ProbeRequest, ReadMaterial } from "./material.ts";
import { filledText, readItems, readPlainTexts } from "./read-rows.ts";

/** Most choices of one question. */
const choicesMost = 26;

/**
 * Documents: `{"text": ...}` a line, or a `.txt` file whose paragraphs are parted by empty lines.
 *
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY`, `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export function readTexts(path: string, shown: string): Promise<ReadMaterial<PlacedText>> {
  return readEither(path, shown, "documents", "text", "blocks");
}

/**
 * Prompts: `{"prompt": ...}` a line, or a `.txt` file with one a line.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readPrompts(path: string, shown: string): Promise<ReadMaterial<PlacedText>> {
  return readEither(path, shown, "prompts", "prompt", "lines");
}

/**
 * Questions: `{"question": ..., "choices": [...], "answer": ...}` a line. The answer is the text of a choice, its
 * place counted from 0, or its letter. Findings: `FORGETTING_CHOICES_INVALID`, `FORGETTING_ANSWER_INVALID`.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readChoices(path: string, shown: string): Promise<ReadMaterial<ChoiceItem>> {
  return readItems(path, shown, "questions", choiceOf);
}

/**
 * Prompts that must still work: `{"prompt": ..., "expected": ...}` a line, with a `system` message of its own if need
 * be. Finding: `FORGETTING_EXPECTED_INVALID`.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readMusts(path: string, shown: string): Promise<ReadMaterial<MustPrompt>> {
  return readItems(path, shown, "prompts", mustOf);
}

/**
 * Requests: `{"prompt": ..., "refuse": true or false}` a line.
 *
 * @throws {TunewiseError} as `readTexts`
 */
export function readRequests(path: string, shown: string): Promise<ReadMaterial<ProbeRequest>> {
  return readItems(path, shown, "requests", (fields, line) => {
    const text = filledText(fields, "prompt");
    if (typeof text !== "string") return text;
    const refuse = fieldOf(fields, "refuse");
    if (typeof refuse !== "boolean")
      return { code: "DATA_FIELD_TYPE", reason: "refuse is neither true nor false" };
    return { text, refuse, line };
  });
}

function readEither(
  path: string,
  shown: string,
  what: string,
  field: string,
  unit: "blocks" | "lines",
): Promise<ReadMaterial<PlacedText>> {
  if (/\.txt$/i.test(shown)) return readPlainTexts(path, shown, what, unit);
  return readItems(path, shown, what, (fields, line) => {
    const text = filledText(fields, field);
    return typeof text === "string" ? { text, line } : text;
  });
}

function choiceOf(fields: Fields, line: number): ChoiceItem | Complaint {
  const question = filledText(fields, "question");
  if (typeof question !== "string") return question;
  const given = fieldOf(fields, "choices");
  const invalid = (reason: string): Complaint => ({ code: "FORGETTING_CHOICES_INVALID", reason });
  if (!Array.isArray(given)) return invalid("choices is not a list");
  if (given.length < 2 || given.length > choicesMost)
    return invalid(`${given.length} choices; from 2 to ${choicesMost} are needed`);
  const choices: string[] = [];
  for (const value of given) {
    const text = filledText({ choice: value }, "choice", true);
    if (typeof text !== "string") return invalid(text.reason);
    choices.push(text.trim());
  }
  if (new Set(choices).size < choices.length) return invalid("two choices are the same");
  const answer = answerOf(fieldOf(fields, "answer"), choices);
  if (answer === null)
    return { code: "FORGETTING_ANSWER_INVALID", reason: "the answer names none of the choices" };
  return { question: question.trim(), choices, answer, line };
}

/** The right choice by its text, its place from 0, or its letter; `null` where none is meant. */
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

function mustOf(fields: Fields, line: number): MustPrompt | Complaint {
  const prompt = filledText(fields, "prompt");
  if (typeof prompt !== "string") return prompt;
  const system = fieldOf(fields, "system") === undefined ? null : filledText(fields, "system");
  if (system !== null && typeof system !== "string") return system;
  const expected = readExpected(fieldOf(fields, "expected"));
  return isComplaint(expected) ? expected : { prompt, system, expected, line };
}
