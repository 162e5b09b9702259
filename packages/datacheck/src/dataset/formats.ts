/** @file Converts the fields of a row into messages, for each row format. */

import type { Message } from "@tunewise/core/rows";
import { mediumBeside } from "./media.ts";
import { conversationField, isRowIssue, messagesOf, systemOf, textOf } from "./messages.ts";
import { type ConvertedRow, preferenceRow } from "./preference/preference-row.ts";
import { readReasoning } from "./reasoning-block.ts";
import { type ColumnPair, type InstructionColumns, instructionColumns } from "./recognize/column-names.ts";
import { type Fields, fieldOf, valueAt } from "./record.ts";
import type { RowIssue } from "./row-issue.ts";
import { readCallsInTexts } from "./tools/calls-in-texts.ts";
import { toolsOf } from "./tools/tool-definitions.ts";
import { transcriptField, transcriptTurns } from "./transcript.ts";

/** A row format; `auto` is already resolved. */
export type RowFormat = "chat" | "prompt-completion" | "instruction" | "table" | "preference" | "text";

/** Converts the fields of a row into a conversation, or returns the issue that prevents it. */
export type RowConverter = (fields: Fields) => ConvertedRow | RowIssue;

/**
 * Returns the converter of a format. Issues: `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`, `DATA_FIELD_TOO_LONG`,
 * `DATA_TEXT_INVALID`, `DATA_ROLE_UNKNOWN`, `DATA_WEIGHT_INVALID`, `DATA_TOOL_CALL_INVALID`, `DATA_TOOLS_INVALID`,
 * `DATA_MEDIA`.
 *
 * @param columns for `table` and `prompt-completion`; the completion is the column of `text`
 */
export function converterOf(format: RowFormat, columns: ColumnPair): RowConverter {
  if (format === "preference") return chosenRow;
  if (format === "text") return (fields) => documentRow(fields, columns.completion);
  const convert = messageConverter(format, columns);
  return (fields) => {
    const medium = mediumBeside(fields, format === "chat");
    if (medium !== null) return medium;
    const read = convert(fields);
    if (isRowIssue(read)) return read;
    const messages = read.map(withReasoning);
    const tools = toolsOf(fields);
    if (isRowIssue(tools)) {
      // in a table, a column of this name may contain anything
      return isConversation(format, fields, columns) ? tools : readCallsInTexts({ messages });
    }
    return readCallsInTexts({ messages, ...(tools && { tools }) });
  };
}

/** The text of a row as a document. */
function documentRow(fields: Fields, column: string): ConvertedRow | RowIssue {
  const content = textOf(valueAt(fields, column), column);
  if (typeof content !== "string") return content;
  if (content.trim() === "") return { code: "DATA_ANSWER_EMPTY", reason: `${column} is empty` };
  return { messages: [{ role: "assistant", content }], isDocument: true };
}

/** A preference row with its system column. */
function chosenRow(fields: Fields): ConvertedRow | RowIssue {
  const medium = mediumBeside(fields, false);
  if (medium !== null) return medium;
  const row = preferenceRow(fields);
  if (isRowIssue(row)) return row;
  const messages = row.messages[0]?.role === "system" ? row.messages : withSystem(fields, row.messages);
  if (isRowIssue(messages)) return messages;
  return { ...row, ...readCallsInTexts({ ...row, messages: messages.map(withReasoning) }) };
}

/** Separates a block of reasoning in front of an answer, in whatever column or list the answer is. */
function withReasoning(message: Message): Message {
  if (message.role !== "assistant" || message.reasoning !== undefined) return message;
  const { reasoning, content } = readReasoning(message.content);
  return reasoning === "" ? message : { ...message, reasoning, content };
}

/** Whether a row is a list of messages, as chat rows and TRL's conversational prompts are. */
function isConversation(format: RowFormat, fields: Fields, columns: ColumnPair): boolean {
  const sides = [columns.prompt, columns.completion].map((name) => valueAt(fields, name));
  return format === "chat" || (format !== "instruction" && sides.some(Array.isArray));
}

type MessageConverter = (fields: Fields) => readonly Message[] | RowIssue;

function messageConverter(
  format: Exclude<RowFormat, "preference" | "text">,
  columns: ColumnPair,
): MessageConverter {
  switch (format) {
    case "chat":
      return chatRow;
    case "prompt-completion":
      return (fields) => pairRow(fields, columns, false);
    case "table":
      return (fields) => pairRow(fields, columns, true);
    case "instruction":
      return instructionRow;
  }
}

function chatRow(fields: Fields): readonly Message[] | RowIssue {
  const name = conversationField(fields);
  const transcript = name === null ? transcriptField(fields) : null;
  const messages =
    transcript === null
      ? messagesOf(fieldOf(fields, name ?? "messages"), name ?? "messages")
      : messagesOf(transcriptTurns(String(fieldOf(fields, transcript))) ?? [], transcript);
  if (isRowIssue(messages) || messages[0]?.role === "system") return messages;
  return withSystem(fields, messages);
}

/** Prompt and completion as text, or as message lists as in TRL. */
function pairRow(fields: Fields, columns: ColumnPair, loose: boolean): readonly Message[] | RowIssue {
  const prompt = sideOf(valueAt(fields, columns.prompt), columns.prompt, "user", loose);
  if (isRowIssue(prompt)) return prompt;
  const completion = sideOf(valueAt(fields, columns.completion), columns.completion, "assistant", loose);
  if (isRowIssue(completion)) return completion;
  const answer = withColumn(completion, fields, columns.reasoning);
  return isRowIssue(answer) ? answer : afterHistory(fields, [...prompt, ...answer]);
}

/**
 * Puts the turns of a column `history` before those of the row, and its system text before them: pairs of question and
 * answer, as ms-swift and LLaMA-Factory write them, or messages. Another column of this name, without a list, is left
 * alone.
 */
function afterHistory(fields: Fields, turns: readonly Message[]): readonly Message[] | RowIssue {
  const history = fieldOf(fields, "history");
  if (!Array.isArray(history)) return turns;
  const pairs = history.map((pair: unknown) =>
    Array.isArray(pair) && pair.length === 2
      ? [
          { role: "user", content: pair[0] as unknown },
          { role: "assistant", content: pair[1] as unknown },
        ]
      : [pair],
  );
  const earlier = history.length === 0 ? [] : messagesOf(pairs.flat(), "history");
  if (isRowIssue(earlier)) return earlier;
  const all = [...earlier, ...turns];
  return all[0]?.role === "system" ? all : withSystem(fields, all);
}

/** Adds the reasoning of its own column to the answer; a row without some has none. */
function withColumn(
  turns: readonly Message[],
  fields: Fields,
  column: string | undefined,
): readonly Message[] | RowIssue {
  const value = column === undefined ? null : valueAt(fields, column);
  if (column === undefined || value === undefined || value === null || value === "") return turns;
  const reasoning = textOf(value, column, true);
  if (typeof reasoning !== "string") return reasoning;
  const last = turns.length - 1;
  return turns.map((turn, at) => (at === last && turn.role === "assistant" ? { ...turn, reasoning } : turn));
}

function sideOf(
  value: unknown,
  name: string,
  role: "user" | "assistant",
  loose: boolean,
): readonly Message[] | RowIssue {
  if (Array.isArray(value)) return messagesOf(value, name);
  const content = textOf(value, name, loose);
  return typeof content === "string" ? [{ role, content }] : content;
}

const alpacaColumns: InstructionColumns = { instruction: "instruction", input: "input", output: "output" };

/** Alpaca format: the input, if any, is appended to the instruction. */
function instructionRow(fields: Fields): readonly Message[] | RowIssue {
  const columns = instructionColumns(Object.keys(fields)) ?? alpacaColumns;
  const instruction = textOf(fieldOf(fields, columns.instruction), columns.instruction);
  if (typeof instruction !== "string") return instruction;
  const given = columns.input === null ? null : fieldOf(fields, columns.input);
  const input = given === undefined || given === null ? "" : textOf(given, columns.input ?? "");
  if (typeof input !== "string") return input;
  const output = textOf(fieldOf(fields, columns.output), columns.output, true);
  if (typeof output !== "string") return output;
  const prompt = input.trim() === "" ? instruction : `${instruction}\n\n${input}`;
  const turns: readonly Message[] = [
    { role: "user", content: prompt },
    { role: "assistant", content: output },
  ];
  return Array.isArray(fieldOf(fields, "history")) ? afterHistory(fields, turns) : withSystem(fields, turns);
}

/** Prepends the `system` column, if any, as the first message. */
function withSystem(fields: Fields, messages: readonly Message[]): readonly Message[] | RowIssue {
  const system = systemOf(fields);
  if (typeof system !== "string") return system;
  return system === "" ? messages : [{ role: "system", content: system }, ...messages];
}
