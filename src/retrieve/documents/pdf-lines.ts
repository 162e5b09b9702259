/** @file Assembles text runs of a page into lines. */
import type { PdfRun } from "./pdf-parser.ts";

/** A line of a page. */
export interface PdfLine {
  readonly text: string;
  /** Largest font size in points. */
  readonly size: number;
  /** Its baseline, from the page's lower edge. */
  readonly y: number;
}

/** Lines in file order, which PDF writers mostly keep in reading order. */
export function linesOfRuns(runs: readonly PdfRun[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let held: PdfRun[] = [];
  const flush = (): void => {
    const text = textOf(held);
    const size = held.reduce((most, run) => (run.text.trim() === "" ? most : Math.max(most, run.size)), 0);
    if (text !== "") lines.push({ text, size, y: held[0]?.y ?? 0 });
    held = [];
  };
  for (const run of runs) {
    const last = held.at(-1);
    if (last !== undefined && Math.abs(last.y - run.y) > 0.5 * Math.max(last.size, run.size, 1)) flush();
    held.push(run);
    if (run.endsLine) flush();
  }
  flush();
  return lines;
}

/** Joins the runs of a line, with a space where there is a gap. */
function textOf(runs: readonly PdfRun[]): string {
  let text = "";
  let end = Number.POSITIVE_INFINITY;
  for (const run of runs) {
    const isApart = run.x - end > 0.15 * Math.max(run.size, 1);
    text += isApart && !/\s$/.test(text) && !/^\s/.test(run.text) ? ` ${run.text}` : run.text;
    end = run.x + run.width;
  }
  return text.replaceAll(/\s+/g, " ").trim();
}

/** The font size of most characters. */
export function bodySize(lines: readonly PdfLine[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of lines) {
    const rounded = Math.round(2 * size) / 2;
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  return [...letters].reduce((most, next) => (next[1] > most[1] ? next : most), [10, 0])[0];
}

/** Minimum number of pages with the same line at their edge for a running header or footer. */
const minPages = 4;

/** Removes headers and footers: first or last lines that, ignoring digits, appear on more than half of all pages. */
export function withoutRunningLines(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
  const edges = (lines: readonly PdfLine[]): number[] => [0, 1, lines.length - 2, lines.length - 1];
  const keyOf = ({ text }: PdfLine): string => text.replaceAll(/\d+/g, "0");
  const counts = new Map<string, number>();
  for (const lines of pages) {
    const keys = new Set(edges(lines).flatMap((at) => (lines[at] === undefined ? [] : [keyOf(lines[at])])));
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isRunning = (line: PdfLine): boolean => {
    const count = counts.get(keyOf(line)) ?? 0;
    return count >= minPages && count > pages.length / 2;
  };
  return pages.map((lines) => {
    const atEdge = new Set(edges(lines));
    return lines.filter((line, at) => !(atEdge.has(at) && isRunning(line)));
  });
}
