/**
 * @file The four row formats: from the fields of a row to the conversation it stands for.
 */
import type { Complaint } from "./complaint.ts";
import type { Message } from "./example.ts";
import { valueAt } from "./field-path.ts";
import { conversationField, isComplaint, messagesOf, systemOf, textOf } from "./messages.ts";
import { type Fields, fieldOf } from "./record.ts";

/** A format after `auto` is settled. */
export type RowFormat = "chat" | "prompt-completion" | "instruction" | "table";

/** Names of the two columns that hold prompt and completion. */
export interface ColumnPair {
  readonly prompt: string;
  readonly completion: string;
}

/** Makes messages of a row's fields, or says why it cannot. */
export type RowConverter = (fields: Fields) => readonly Message[] | Complaint;

/**
 * The converter of a format. Its complaints: `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`, `DATA_FIELD_TOO_LONG`,
 * `DATA_TEXT_INVALID`, `DATA_ROLE_UNKNOWN`.
 *
 * @param columns for `table` and `prompt-completion`
 */
export function converterOf(format: RowFormat, columns: ColumnPair): RowConverter {
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

function chatRow(fields: Fields): readonly Message[] | Complaint {
  const name = conversationField(fields) ?? "messages";
  const messages = messagesOf(fieldOf(fields, name), name);
  if (isComplaint(messages) || messages[0]?.role === "system") return messages;
  return withSystem(fields, messages);
}

/** Prompt and completion as text, or as message lists the way TRL has them. */
function pairRow(fields: Fields, columns: ColumnPair, loose: boolean): readonly Message[] | Complaint {
  const prompt = sideOf(valueAt(fields, columns.prompt), columns.prompt, "user", loose);
  if (isComplaint(prompt)) return prompt;
  const completion = sideOf(valueAt(fields, columns.completion), columns.completion, "assistant", loose);
  if (isComplaint(completion)) return completion;
  return [...prompt, ...completion];
}

function sideOf(
  value: unknown,
  name: string,
  role: "user" | "assistant",
  loose: boolean,
): readonly Message[] | Complaint {
  if (Array.isArray(value)) return messagesOf(value, name);
  const content = textOf(value, name, loose);
  return typeof content === "string" ? [{ role, content }] : content;
}

/** Alpaca's fields: the input, where there is one, stands below the instruction. */
function instructionRow(fields: Fields): readonly Message[] | Complaint {
  const instruction = textOf(fieldOf(fields, "instruction"), "instruction");
  if (typeof instruction !== "string") return instruction;
  const given = fieldOf(fields, "input");
  const input = given === undefined || given === null ? "" : textOf(given, "input");
  if (typeof input !== "string") return input;
  const output = textOf(fieldOf(fields, "output"), "output");
  if (typeof output !== "string") return output;
  const prompt = input.trim() === "" ? instruction : `${instruction}\n\n${input}`;
  return withSystem(fields, [
    { role: "user", content: prompt },
    { role: "assistant", content: output },
  ]);
}

/** A `system` column beside the conversation becomes its first message. */
function withSystem(fields: Fields, messages: readonly Message[]): readonly Message[] | Complaint {
  const system = systemOf(fields);
  if (typeof system !== "string") return system;
  return system === "" ? messages : [{ role: "system", content: system }, ...messages];
}
