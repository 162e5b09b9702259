/**
 * @file Texts and tables in Markdown, so that no text of a run becomes markup.
 */
import { visible } from "./plain-text.ts";
import type { Table } from "./table.ts";

/** One line of text; what Markdown or HTML would read as markup inside a line is escaped. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A short text as code; its own back-ticks and line breaks do no harm. */
export function code(text: string): string {
  const line = visible(text).replace(/\s+/g, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  return line.includes("`") ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A text as a block of code, with a fence longer than any in it. */
export function fenced(text: string): string {
  const shown = visible(text);
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** A table with its numbers aligned to the right. */
export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => escapeMarkdown(title))),
    line(columns.map(({ isNumeric }) => (isNumeric ? "---:" : "---"))),
    ...rows.map((row) => line(row.map((cell) => escapeMarkdown(cell)))),
  ].join("\n");
}
