/**
 * @file Lays out text within a terminal's width: tables with aligned columns, key-value blocks, wrapped sentences. If a
 * table is too wide, less important columns are dropped, then its rows are stacked. Words are never split.
 */

import type { Table } from "../../report/index.ts";
import { withoutColors } from "./paint.ts";
import { plain } from "./terminal.ts";

/** Default width for streams without one. */
export const usualColumns = 100;

/** Head of a column: a leading `#` aligns right. With a number, columns with the highest are dropped first. */
export type Column = string | readonly [head: string, drop: number];

function columnOf(column: Column): {
  readonly head: string;
  readonly isRight: boolean;
  readonly drop: number;
} {
  const [head, drop] = typeof column === "string" ? [column, 0] : column;
  return { head: head.replace(/^#/, ""), isRight: head.startsWith("#"), drop };
}

/**
 * A table with heads, columns two blanks apart, without trailing blanks. Columns of numbers should be right-aligned.
 *
 * @param rows one text per column; missing ones are blank
 */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const parsed = columns.map(columnOf);
  const heads = parsed.some(({ head }) => head !== "") ? [parsed.map(({ head }) => head)] : [];
  const lines = [...heads, ...rows];
  const widths = columns.map((_, at) => Math.max(0, ...lines.map((line) => width(line[at] ?? ""))));
  return lines
    .map((line) =>
      parsed
        .map(({ isRight }, at) => {
          const cell = line[at] ?? "";
          const blanks = " ".repeat((widths[at] ?? 0) - width(cell));
          return isRight ? blanks + cell : cell + blanks;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Width of a text without colors; characters outside the basic alphabets may be wider. */
export function width(text: string): number {
  return [...withoutColors(text)].length;
}

/** Wraps text at spaces to lines of at most `columns`. Longer words get their own line; double spaces are preserved. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]/)) {
    if (line !== "" && width(line) + 1 + width(word) > columns) {
      lines.push(line.trimEnd());
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** Minimum width of the last column; below it, the text is on a separate line. */
const narrowest = 24;

/**
 * Rows of a name, a value and a sentence within a width: in columns if the sentence fits, otherwise with the sentence
 * indented below. Words are never split.
 */
export function stackedText(rows: readonly (readonly string[])[], columns: number): string {
  const widths = [0, 1].map((at) => Math.max(0, ...rows.map((row) => width(row[at] ?? ""))));
  const lead = (widths[0] ?? 0) + 2;
  const room = columns - lead - (widths[1] ?? 0) - 2;
  return rows
    .flatMap(([name = "", value = "", sentence = ""]) => {
      const head = `${name}${" ".repeat(lead - width(name))}`;
      if (room >= narrowest) {
        const gap = " ".repeat((widths[1] ?? 0) - width(value) + 2);
        const [first = "", ...rest] = wrap(sentence, room);
        return [
          `${head}${value}${first === "" ? "" : gap + first}`,
          ...rest.map((line) => `${" ".repeat(columns - room)}${line}`),
        ];
      }
      const below = [
        ...wrap(value, columns - lead),
        ...wrap(sentence, columns - lead - 2).map((line) => `  ${line}`),
      ];
      return below.map((line, at) => `${at === 0 ? head : " ".repeat(lead)}${line}`);
    })
    .map((line) => line.trimEnd())
    .join("\n");
}

/**
 * A table with heads within `columns`, unless a single word is wider.
 *
 * @param columns of the terminal
 */
export function fittedTable(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const parsed = heads.map(columnOf);
  let kept = heads.map((_, at) => at);
  const text = (): string =>
    tableText(
      kept.map((at) => heads[at] as Column),
      rows.map((row) => kept.map((at) => row[at] ?? "")),
    );
  while (widthOf(text()) > columns) {
    const last = kept.reduce((most, at) => Math.max(most, parsed[at]?.drop ?? 0), 0);
    if (last === 0)
      return stacked(
        parsed.map(({ head }) => head),
        rows,
        kept,
        columns,
      );
    kept = kept.filter((at) => (parsed[at]?.drop ?? 0) !== last);
  }
  return text();
}

/** Shows each row as a line of its first cells, with the other cells below, labelled by their columns. */
function stacked(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  kept: readonly number[],
  columns: number,
): string {
  const [titles, rest] = [
    kept.filter((at) => heads[at] === "" || at <= firstNamed(heads)),
    kept.filter((at) => heads[at] !== "" && at > firstNamed(heads)),
  ];
  return rows
    .flatMap((row) => {
      const title = titles.map((at) => row[at] ?? "").join("  ");
      const facts = rest.flatMap((at) => (row[at] ? [`${heads[at] ?? ""} ${row[at]}`] : []));
      return [...wrap(title, columns), ...wrap(facts.join(", "), columns - 4).map((line) => `    ${line}`)];
    })
    .join("\n");
}

function firstNamed(heads: readonly string[]): number {
  return heads.findIndex((head) => head !== "");
}

function widthOf(text: string): number {
  return text.split("\n").reduce((most, line) => Math.max(most, width(line)), 0);
}

/** Key-value pairs in two columns; long values wrap within `columns`. */
export function keyValueText(facts: readonly (readonly string[])[], columns: number): string {
  const lead = Math.max(0, ...facts.map(([name = ""]) => width(name))) + 2;
  const lines = facts.flatMap(([name = "", fact = ""]) =>
    wrap(fact, columns - lead).map((line, at) => [at === 0 ? name : "", line]),
  );
  return tableText(["", ""], lines);
}

/** A table of a report; empty without rows. */
export function reportTable({ columns: heads, rows }: Table, columns: number): string {
  if (rows.length === 0) return "";
  return fittedTable(
    heads.map(({ title, isNumeric }) => (isNumeric ? `#${title}` : title)),
    rows.map((row) => row.map(plain)),
    columns,
  );
}

/** Commands to copy and table rows are never wrapped. */
const unbreakable = /(?:^|\s)(?:tunewise|npm|npx|node|curl|export) |\S {2,}\S/;

/** Wraps sentences between words, since a terminal would break inside them. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (width(line) <= columns || unbreakable.test(line)) return [line];
      const indent = " ".repeat(line.search(/\S/));
      return wrap(line.trimStart(), columns - indent.length).map((part) => indent + part);
    })
    .join("\n");
}
