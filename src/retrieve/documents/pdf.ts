/** @file PDF reader: assembles lines into paragraphs, larger lines into headings, with page numbers as locations. */
import { MAX_PAGES } from "../limits.ts";
import { cutRemark } from "./cut-remark.ts";
import { Outline, OutlineFull } from "./outline.ts";
import { bodySize, linesOfRuns, type PdfLine, withoutRunningLines } from "./pdf-lines.ts";
import { openPdf } from "./pdf-parser.ts";
import { type Reading, refused } from "./source-document.ts";

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
    const remarks = pdf.count > MAX_PAGES ? [cutRemark("pages")] : [];
    const outline = new Outline();
    try {
      addPages(withoutRunningLines(pages), outline);
    } catch (error) {
      if (!(error instanceof OutlineFull)) throw error;
      remarks.push(cutRemark("blocks"));
    }
    const reading = outline.finish(remarks);
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

/** Baseline distance above which a paragraph starts, in points: more than is usual in this document. */
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
