/**
 * @file Runs of text on a page, put together into lines.
 */
import type { PdfRun } from "./pdf-parser.ts";

/** A line of a page. */
export interface PdfLine {
  readonly text: string;
  /** Height of its largest letters in points. */
  readonly size: number;
  /** Its base line, from the page's lower edge. */
  readonly y: number;
}

/** Lines in the order of the file, which writers of PDF mostly keep in the order of reading. */
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

/** Runs of a line, parted by a space where there is a gap between them. */
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

/** The size in which most letters are set. */
export function usualSize(lines: readonly PdfLine[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of lines) {
    const rounded = Math.round(2 * size) / 2;
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  return [...letters].reduce((most, next) => (next[1] > most[1] ? next : most), [10, 0])[0];
}

/** Pages that must share a line at their edge for it to be a running one. */
const fewestPages = 4;

/** Pages without headers and footers: first or last lines that, digits aside, stand on more than half of all pages. */
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
    return count >= fewestPages && count > pages.length / 2;
  };
  return pages.map((lines) => {
    const atEdge = new Set(edges(lines));
    return lines.filter((line, at) => !(atEdge.has(at) && isRunning(line)));
  });
}
