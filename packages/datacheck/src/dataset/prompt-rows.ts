/** @file Prompts of a file: conversations that a model can be asked, with or without an answer of their own. */

import { type Answer, type Conversation, collectRowIssues, type RowInFile } from "@tunewise/core/rows";
import { type Finding, findingOf } from "../problem/index.ts";
import { conversationField, isRowIssue, messagesOf, systemOf, textOf } from "./messages.ts";
import { type Fields, fieldOf } from "./record.ts";
import type { RowIssue } from "./row-issue.ts";
import { readFileRows } from "./row-source.ts";
import { toolsOf } from "./tools/tool-definitions.ts";

/** A prompt and its place. */
export interface PromptRow extends Conversation {
  readonly at: RowInFile;
  /** The answer that the row has, such as that of a log; `null`: none. */
  readonly reference: Answer | null;
}

/** Prompts of a file, and findings about rows that have none. */
export interface PromptRows {
  readonly rows: readonly PromptRow[];
  readonly findings: readonly Finding[];
}

/** Fields of a prompt that is a single text. */
const textNames = ["prompt", "question", "instruction", "input", "text"];

/**
 * Reads the prompts of a file in any format of data files. A row is a conversation in any form that training accepts,
 * or a text in `prompt`, `question`, `instruction`, `input` or `text`. An answer at its end is the reference.
 *
 * Findings as warnings: those of `readExamples` about messages and tools, and `DATA_PROMPT_EMPTY`.
 *
 * @param path path to open
 * @param shown file name for messages
 * @param maxRows further rows are not read
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function readPromptRows(path: string, shown: string, maxRows: number): Promise<PromptRows> {
  const issues = collectRowIssues("warning", findingOf);
  const rows: PromptRow[] = [];
  for await (const row of readFileRows(path, shown)) {
    if (rows.length >= maxRows) break;
    const read = "issue" in row ? row.issue : promptIn(row.fields);
    if (isRowIssue(read)) issues.add(read, { file: shown, ...row.at });
    else rows.push({ at: row.at, ...read });
  }
  return { rows, findings: issues.findings() };
}

function promptIn(fields: Fields): Omit<PromptRow, "at"> | RowIssue {
  const tools = toolsOf(fields);
  if (isRowIssue(tools)) return tools;
  const system = systemOf(fields);
  if (isRowIssue(system)) return system;
  const name = conversationField(fields);
  const messages = name === null ? textPrompt(fields) : messagesOf(fieldOf(fields, name), name);
  if (isRowIssue(messages)) return messages;
  const last = messages.at(-1);
  const reference = last?.role === "assistant" ? last : null;
  const asked = reference === null ? messages : messages.slice(0, -1);
  if (asked.every(({ role }) => role === "system"))
    return { code: "DATA_PROMPT_EMPTY", reason: "it has no turn that asks for an answer" };
  const first =
    system === "" || asked[0]?.role === "system" ? [] : [{ role: "system" as const, content: system }];
  return {
    messages: [...first, ...asked],
    ...(tools !== undefined && { tools }),
    reference: reference && answerIn(reference),
  };
}

function answerIn({ content, toolCalls }: Answer): Answer {
  return { content, ...(toolCalls !== undefined && { toolCalls }) };
}

function textPrompt(fields: Fields): Conversation["messages"] | RowIssue {
  const name = textNames.find((known) => typeof fieldOf(fields, known) === "string");
  const content = textOf(name === undefined ? undefined : fieldOf(fields, name), "messages or prompt");
  if (isRowIssue(content)) return content;
  if (content.trim() === "") return { code: "DATA_PROMPT_EMPTY", reason: `${name} is empty` };
  return [{ role: "user", content }];
}
