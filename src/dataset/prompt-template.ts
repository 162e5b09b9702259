/**
 * @file The recipe's text around a prompt: `{prompt}` and any `{column}` are replaced.
 */
import type { Message } from "./example.ts";
import { valueAt } from "./field-path.ts";
import type { Fields } from "./record.ts";

/** A template taken apart once and filled for each row. */
export interface PromptTemplate {
  /** Placeholders other than `{prompt}`. */
  readonly columns: readonly string[];
  /** The messages with the last user turn put into the template; the same list where it changes nothing. */
  apply(messages: readonly Message[], fields: Fields): readonly Message[];
}

/**
 * Reads a template. Only `{name}` with letters, digits, `_`, `-` and `.` is a placeholder, so that JSON in a
 * template stays as it is; a name the row lacks stays visible.
 */
export function readPromptTemplate(template: string): PromptTemplate {
  // Odd parts are names. Replacing part by part keeps braces in the data from being replaced in turn.
  const parts = template.split(/\{([\p{L}\p{N}_.-]{1,128})\}/u);
  const names = parts.filter((_, index) => index % 2 === 1);
  const fill = (prompt: string, fields: Fields): string =>
    parts.map((part, index) => (index % 2 === 0 ? part : placeholderValue(part, prompt, fields))).join("");
  return {
    columns: [...new Set(names)].filter((name) => name !== "prompt"),
    apply(messages, fields): readonly Message[] {
      if (template === "{prompt}") return messages;
      const last = messages.findLastIndex(({ role }) => role === "user");
      return messages.map((message, index) =>
        index === last ? { role: "user", content: fill(message.content, fields) } : message,
      );
    },
  };
}

function placeholderValue(name: string, prompt: string, fields: Fields): string {
  if (name === "prompt") return prompt;
  const value = valueAt(fields, name);
  if (value === undefined) return `{${name}}`;
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
