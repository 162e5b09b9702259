/** @file The only importer of the PDF parser, an optional package loaded on the first PDF. */
import type { getDocumentProxy } from "unpdf";
import { loadPackage, problem } from "../../problem/index.ts";

/** A run of text on a page. */
export interface PdfRun {
  readonly text: string;
  /** Font size in points. */
  readonly size: number;
  /** Position of its left end and baseline, from the page's lower left corner, in points. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Whether a line ends with it. */
  readonly endsLine: boolean;
}

/** An open PDF. */
interface PdfPages {
  readonly count: number;
  /** Text runs of a page, counted from 1. */
  runs(page: number): Promise<PdfRun[]>;
  close(): Promise<void>;
}

/** Reason why a PDF cannot be opened. */
interface PdfRefusal {
  readonly refusal: "locked" | "broken";
  readonly reason: string;
}

/**
 * Opens a PDF. The parser gets a copy of the bytes, because it transfers the buffer.
 *
 * @throws {TunewiseError} `DOCUMENT_READER_MISSING`
 */
export async function openPdf(bytes: Uint8Array): Promise<PdfPages | PdfRefusal> {
  const loaded = await loadPackage(
    "unpdf",
    "PDF",
    () => import("unpdf"),
    (...given) => problem("DOCUMENT_READER_MISSING", ...given),
  );
  let opened: Awaited<ReturnType<typeof getDocumentProxy>>;
  try {
    // fonts and images are not needed; scripts in the file are never run; verbosity 0 prints only errors
    opened = await loaded.getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0, isEvalSupported: false });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "PasswordException") return { refusal: "locked", reason: message };
    return { refusal: "broken", reason: message };
  }
  return {
    count: opened.numPages,
    async runs(number): Promise<PdfRun[]> {
      const page = await opened.getPage(number);
      const { items } = await page.getTextContent();
      page.cleanup();
      return items.flatMap((item: object) => ("str" in item ? [runOf(item as TextItem)] : []));
    },
    close: () => opened.destroy(),
  };
}

/** A text item of the parser. */
interface TextItem {
  readonly str: string;
  /** [a, b, c, d, x, y] */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly hasEOL: boolean;
}

/** The length of (c, d) is the font size, rotated or not. */
function runOf(item: TextItem): PdfRun {
  const [, , c = 0, d = 0, x = 0, y = 0] = item.transform;
  const size = item.height || Math.hypot(c, d);
  return { text: item.str, size, x, y, width: item.width, endsLine: item.hasEOL };
}
