/** @file Escapes text and builds tables for Markdown, so that text from runs cannot become markup. */
import { visible } from "./plain-text.ts";
import type { Table } from "./table.ts";

/** Escapes inline Markdown and HTML in a line of text. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Inline code; backticks and line breaks in the text are safe. */
export function code(text: string): string {
  const line = visible(text).replace(/\s+/g, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  return line.includes("`") ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Code block, with a fence longer than any in the text. */
export function fenced(text: string): string {
  const shown = visible(text);
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** A Markdown table with right-aligned numeric columns. */
export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => escapeMarkdown(title))),
    line(columns.map(({ isNumeric }) => (isNumeric ? "---:" : "---"))),
    ...rows.map((row) => line(row.map((cell) => escapeMarkdown(cell)))),
  ].join("\n");
}
