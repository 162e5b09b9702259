/**
 * @file Tables within a width: what a reader misses least is left out first, and what still has no room is stacked. No
 * word is broken.
 */
import type { Table } from "../../report/index.ts";
import { plain } from "./place.ts";
import { type Column, tableText, width, wrap } from "./table.ts";

/** A column of a table that may be narrowed. */
export interface FittedColumn extends Column {
  /** Columns with the highest number are left out first; those without one stay. */
  readonly drop?: number;
}

/**
 * Rows under heads, in at most `columns` columns where words allow it.
 *
 * @param columns of the terminal
 */
export function fittedTable(
  heads: readonly FittedColumn[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  let kept = heads.map((_, at) => at);
  const text = (): string =>
    tableText(
      kept.map((at) => heads[at] as FittedColumn),
      rows.map((row) => kept.map((at) => row[at] ?? "")),
    );
  while (widthOf(text()) > columns) {
    const last = kept.reduce((most, at) => Math.max(most, heads[at]?.drop ?? 0), 0);
    if (last === 0) return stacked(heads, rows, kept, columns);
    kept = kept.filter((at) => (heads[at]?.drop ?? 0) !== last);
  }
  return text();
}

/** Each row as a line of its first cells, and the others below with the names of their columns. */
function stacked(
  heads: readonly FittedColumn[],
  rows: readonly (readonly string[])[],
  kept: readonly number[],
  columns: number,
): string {
  const [titles, rest] = [
    kept.filter((at) => heads[at]?.head === "" || at <= firstNamed(heads)),
    kept.filter((at) => heads[at]?.head !== "" && at > firstNamed(heads)),
  ];
  return rows
    .flatMap((row) => {
      const title = titles.map((at) => row[at] ?? "").join("  ");
      const facts = rest.flatMap((at) => (row[at] ? [`${heads[at]?.head ?? ""} ${row[at]}`] : []));
      return [...wrap(title, columns), ...wrap(facts.join(", "), columns - 4).map((line) => `    ${line}`)];
    })
    .join("\n");
}

function firstNamed(heads: readonly FittedColumn[]): number {
  return heads.findIndex(({ head }) => head !== "");
}

function widthOf(text: string): number {
  return text.split("\n").reduce((most, line) => Math.max(most, width(line)), 0);
}

/** Names and facts in two columns; a long fact goes on below itself, within `columns`. */
export function factsText(facts: readonly (readonly string[])[], columns: number): string {
  const lead = Math.max(0, ...facts.map(([name = ""]) => width(name))) + 2;
  const lines = facts.flatMap(([name = "", fact = ""]) =>
    wrap(fact, columns - lead).map((line, at) => [at === 0 ? name : "", line]),
  );
  return tableText([{ head: "" }, { head: "" }], lines);
}

/** A table of a report; without rows it is nothing. */
export function reportTable({ columns: heads, rows }: Table, columns: number): string {
  if (rows.length === 0) return "";
  return fittedTable(
    heads.map(({ title, isNumeric }) => ({ head: title, align: isNumeric ? "right" : "left" })),
    rows.map((row) => row.map(plain)),
    columns,
  );
}
