/** @file Reads a preference row: the conversation that ends with the chosen answer, and the answers it is compared with. */
import { answerText, type Comparison, type Conversation, type Message } from "@tunewise/core/rows";
import { conversationField, isRowIssue, messagesOf, systemNames, textOf } from "../messages.ts";
import { roleEvidence } from "../recognize/column-names.ts";
import { type Fields, fieldOf, isFields } from "../record.ts";
import type { RowIssue } from "../row-issue.ts";
import { toolsOf } from "../tools/tool-definitions.ts";
import { transcriptTurns } from "../transcript.ts";
import { type RatedAnswer, ratedAnswers } from "./rated-answers.ts";

/** A row of any format as a conversation. */
export interface ConvertedRow extends Conversation {
  /** Present in preference rows. */
  readonly compared?: Comparison;
  /** The only message is a document. */
  readonly isDocument?: true;
  /** Why its answer is not trained, in a few words; absent: it is. */
  readonly notChosen?: string;
}

/**
 * Reads a row with a chosen or a rejected answer.
 *
 * Turns that chosen and rejected answer share are context: their answers have weight 0, because the row compares only
 * what follows. Issues: `DATA_FIELD_MISSING`, those of `messagesOf` and those of `toolsOf`.
 */
export function preferenceRow(fields: Fields): ConvertedRow | RowIssue {
  const rated = ratedAnswers(fields);
  if (rated === null) return { code: "DATA_FIELD_MISSING", reason: "no chosen and no rejected answer" };
  const prompt = promptTurns(fields, rated.fields);
  if (isRowIssue(prompt)) return prompt;
  const [chosen, rejected] = [sideOf(rated.chosen, prompt), sideOf(rated.rejected, prompt)];
  if (isRowIssue(chosen)) return chosen;
  if (isRowIssue(rejected)) return rejected;
  const tools = toolsIn(fields);
  if (isRowIssue(tools)) return tools;
  const offered = tools && { tools };
  if (chosen === null) {
    const notChosen = rejected === null ? "neither answer is preferred" : "the answer is rejected";
    return { messages: rejected ?? prompt, ...offered, notChosen };
  }
  const shared = Math.min(sharedTurns(chosen, rejected ?? prompt), lastAnswer(chosen));
  const text = (turns: readonly Message[]): string => turns.slice(shared).map(answerText).join("\n");
  const [score, other] = [rated.chosen?.score ?? null, rated.rejected?.score ?? null];
  const scores = score === null || other === null ? null : ([score, other] as const);
  return {
    messages: chosen.map((turn, at) => (at < shared ? asContext(turn) : turn)),
    ...offered,
    compared: {
      chosen: text(chosen),
      rejected: rejected === null ? [] : [text(rejected)],
      ...(scores && { scores }),
    },
  };
}

function asContext(turn: Message): Message {
  return turn.role === "assistant" ? { ...turn, weight: 0 } : turn;
}

/** Number of leading turns that are equal in both. */
function sharedTurns(one: readonly Message[], other: readonly Message[]): number {
  const differs = one.findIndex((turn, at) => JSON.stringify(turn) !== JSON.stringify(other[at]));
  return differs < 0 ? one.length : differs;
}

function lastAnswer(turns: readonly Message[]): number {
  return Math.max(
    0,
    turns.findLastIndex(({ role }) => role === "assistant"),
  );
}

/** The prompt and an answer, or the answer alone if it contains the whole conversation; `null` if there is none. */
function sideOf(
  answer: RatedAnswer | null,
  prompt: readonly Message[],
): readonly Message[] | null | RowIssue {
  if (answer === null) return null;
  const turns = turnsOf(answer.value, answer.name, "assistant");
  if (isRowIssue(turns)) return turns;
  const first = turns.find(({ role }) => role !== "system");
  if (first?.role !== "user") return [...prompt, ...turns];
  const system = turns[0]?.role === "system" ? [] : prompt.filter(({ role }) => role === "system");
  return [...system, ...turns];
}

/** @param role of a text that is not a transcript */
function turnsOf(value: unknown, name: string, role: "user" | "assistant"): readonly Message[] | RowIssue {
  if (Array.isArray(value)) return messagesOf(value, name);
  if (isFields(value)) return messagesOf([value], name);
  const content = textOf(value, name);
  if (typeof content !== "string") return content;
  const turns = transcriptTurns(content);
  return turns === null ? [{ role, content }] : messagesOf(turns, name);
}

/** Names of the prompt, in order of precedence. */
const promptNames: readonly string[] = ["prompt", "instruction", "question", "query", "input", "problem"];

/** The column of the prompt; `undefined` if there is none. */
export function promptColumn(names: readonly string[]): string | undefined {
  const known = promptNames.map((word) => names.find((name) => name.toLowerCase() === word));
  return known.find((name) => name !== undefined) ?? names.find((name) => roleEvidence(name).prompt === 1);
}

/** The turns before the answers; none if the answers contain them. @param rated fields of the answers */
function promptTurns(fields: Fields, rated: readonly string[]): readonly Message[] | RowIssue {
  const others = Object.fromEntries(Object.entries(fields).filter(([name]) => !rated.includes(name)));
  const input = fieldOf(others, "input");
  if (isFields(input)) return messagesOf(fieldOf(input, "messages"), "input.messages");
  const name = promptColumn(Object.keys(others).filter((one) => !isEmpty(fieldOf(others, one))));
  if (name === undefined) {
    const list = conversationField(others);
    if (list !== null) return messagesOf(fieldOf(others, list), list);
    const text = onlyText(others);
    return text === null ? [] : turnsOf(fieldOf(others, text), text, "user");
  }
  const value = fieldOf(others, name);
  const isAlpaca = name === "instruction" && typeof value === "string" && typeof input === "string";
  return turnsOf(isAlpaca && input.trim() !== "" ? `${value}\n\n${input}` : value, name, "user");
}

/** The only field with text of several words, apart from a system message; `null`: none, or several. */
function onlyText(fields: Fields): string | null {
  const found = Object.keys(fields).filter((name) => {
    const value = fieldOf(fields, name);
    const isLong = typeof value === "string" && value.trim().split(/\s+/, 4).length > 3;
    return isLong && !systemNames.includes(name) && roleEvidence(name).meta < 1;
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function toolsIn(fields: Fields): ReturnType<typeof toolsOf> {
  const input = fieldOf(fields, "input");
  return isFields(input) ? toolsOf(input) : toolsOf(fields);
}
