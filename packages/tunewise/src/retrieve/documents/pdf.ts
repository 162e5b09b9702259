/** @file PDF reader: assembles lines into paragraphs, larger lines into headings, with page numbers as locations. */
import { MAX_PAGES } from "../limits.ts";
import { Outline, OutlineFull } from "./outline.ts";
import { openPdf, type PdfRun } from "./pdf-parser.ts";
import { cutNote, type Reading, refused } from "./source-document.ts";

/** A short line in a font this much larger than the body text is a heading. */
const headingFactor = 1.15;
const longestHeading = 160;
/** A gap of this many line heights between baselines starts a paragraph; set text has 1.2, double spacing 2.4. */
const gapFactor = 1.5;

/** Reads the text of a PDF page by page. Scanned pages have none. Each page is a step of progress. */
export async function readPdf(bytes: Uint8Array, onProgress: () => void): Promise<Reading> {
  const pdf = await openPdf(bytes);
  if ("refusal" in pdf) {
    if (pdf.refusal === "locked") return refused("DOCUMENT_LOCKED");
    return refused("DOCUMENT_UNREADABLE", { reason: pdf.reason });
  }
  try {
    const pages: PdfLine[][] = [];
    for (let page = 1; page <= Math.min(pdf.count, MAX_PAGES); page++) {
      pages.push(linesOfRuns(await pdf.runs(page)));
      onProgress();
    }
    const notes = pdf.count > MAX_PAGES ? [cutNote("pages")] : [];
    const outline = new Outline();
    try {
      addPages(withoutRunningLines(pages), outline);
    } catch (error) {
      if (!(error instanceof OutlineFull)) throw error;
      notes.push(cutNote("blocks"));
    }
    const reading = outline.finish(notes);
    return reading.sections.length > 0 ? reading : refused("DOCUMENT_SCANNED", { pages: pdf.count });
  } finally {
    await pdf.close();
  }
}

function addPages(pages: readonly (readonly PdfLine[])[], outline: Outline): void {
  const usual = bodySize(pages.flat());
  const sizes = [
    ...new Set(
      pages
        .flat()
        .filter((line) => isHeading(line, usual))
        .map(roundedSize),
    ),
  ];
  const levels = new Map(sizes.sort((a, b) => b - a).map((size, at) => [size, at + 1]));
  const spacing = paragraphGap(pages, usual);
  pages.forEach((lines, index) => {
    const place = { unit: "page", number: index + 1 } as const;
    let paragraph: string[] = [];
    const flush = (): void => {
      outline.block("text", joined(paragraph), place);
      paragraph = [];
    };
    lines.forEach((line, at) => {
      const before = lines[at - 1];
      const wasHeading = before !== undefined && isHeading(before, usual);
      const gap = before === undefined ? 0 : Math.abs(before.y - line.y);
      if (isHeading(line, usual)) {
        flush();
        outline.heading(levels.get(roundedSize(line)) ?? 1, line.text, place);
        return;
      }
      if (wasHeading || gap > spacing) flush();
      paragraph.push(line.text);
    });
    flush();
  });
}

/** Baseline distance above which a paragraph starts, in points; larger than usual for this document. */
function paragraphGap(pages: readonly (readonly PdfLine[])[], usual: number): number {
  const gaps = pages.flatMap((lines) =>
    lines.slice(1).map((line, at) => Math.abs((lines[at] as PdfLine).y - line.y)),
  );
  const sorted = gaps.filter((gap) => gap > 0.5 * usual && gap < 4 * usual).sort((a, b) => a - b);
  const common = sorted[Math.floor(sorted.length / 4)] ?? usual;
  return Math.max(gapFactor * usual, 1.25 * common);
}

function isHeading({ size, text }: PdfLine, usual: number): boolean {
  return size >= headingFactor * usual && text.length <= longestHeading && /\p{L}/u.test(text);
}

/** Rounded to half points, so that rounding does not create heading levels. */
function roundedSize({ size }: PdfLine): number {
  return Math.round(2 * size) / 2;
}

/** Joins lines into a paragraph; a word hyphenated at a line end is joined again. */
function joined(lines: readonly string[]): string {
  return lines.reduce((text, line) => {
    if (text === "") return line;
    return /\p{L}-$/u.test(text) && /^\p{Ll}/u.test(line) ? text.slice(0, -1) + line : `${text} ${line}`;
  }, "");
}

/** A line of a page. */
interface PdfLine {
  readonly text: string;
  /** Largest font size in points. */
  readonly size: number;
  /** Its baseline, from the page's lower edge. */
  readonly y: number;
}

/** Lines in file order, which PDF writers mostly keep in reading order. */
function linesOfRuns(runs: readonly PdfRun[]): PdfLine[] {
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
function bodySize(lines: readonly PdfLine[]): number {
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
function withoutRunningLines(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
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
