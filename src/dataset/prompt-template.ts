/** @file The recipe's prompt template with the placeholders `{prompt}` and `{column}`. */
import type { Message } from "./example.ts";
import { type Fields, valueAt } from "./record.ts";

/** A template parsed once and filled for each row. */
export interface PromptTemplate {
  /** Placeholders other than `{prompt}`. */
  readonly columns: readonly string[];
  /** Applies the template to the last user message; returns the same list if nothing changes. */
  apply(messages: readonly Message[], fields: Fields): readonly Message[];
}

/**
 * Parses a template. Only `{name}` with letters, digits, `_`, `-` and `.` is a placeholder, so that JSON in a template
 * is left as is; a name that the row lacks is kept verbatim.
 */
export function readPromptTemplate(template: string): PromptTemplate {
  // Odd parts are names. Joining parts keeps braces in the data from being replaced.
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
