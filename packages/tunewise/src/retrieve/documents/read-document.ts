/** @file Reads a document of any known kind into sections with locations; failures are reported as findings. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { type DataFileFormat, dataFormats, endingsOfFormat } from "@tunewise/core/format";
import { type Finding, findingOf, TunewiseError } from "../../problem/index.ts";
import { MAX_DOCUMENT_BYTES } from "../limits.ts";
import { readHtml } from "./html.ts";
import { readJson } from "./json.ts";
import { linesOf } from "./lines.ts";
import { readMarkdown } from "./markdown.ts";
import { Outline, OutlineFull } from "./outline.ts";
import { readPdf } from "./pdf.ts";
import {
  cutNote,
  type DocumentKind,
  type Note,
  type Reading,
  refused,
  type SourceDocument,
} from "./source-document.ts";
import { readTable } from "./table.ts";

/** A document, or `null` if it could not be read, and findings. */
export interface DocumentReading {
  readonly document: SourceDocument | null;
  readonly findings: readonly Finding[];
}

type TextKind = Exclude<DocumentKind, "pdf">;

type ReadText = (text: string, name: string) => Reading | Promise<Reading>;

const textReaders: Readonly<Record<TextKind, ReadText>> = {
  markdown: readMarkdown,
  text: readPlainText,
  html: readHtml,
  table: readTable,
  json: readJson,
};

/**
 * Reads the text of a document in sections. Never rejects and never throws: a file that is broken, encrypted,
 * empty, too large or of unknown kind yields no document and a finding that says why.
 *
 * Findings: `DOCUMENT_TOO_LARGE`, `DOCUMENT_KIND_UNKNOWN`, `DOCUMENT_ENCODING_UNKNOWN`, `DOCUMENT_EMPTY`,
 * `DOCUMENT_SCANNED`, `DOCUMENT_UNREADABLE`, `DOCUMENT_LOCKED`, `DOCUMENT_READER_MISSING`, and for documents that
 * are read in part `DOCUMENT_CUT` and `DOCUMENT_ROWS_UNUSABLE`.
 *
 * @param name file name for citations; its extension determines the kind if the bytes do not
 * @param onProgress called after each page
 * @example
 * const { document, findings } = await readDocument("guide.md", new TextEncoder().encode("# Start\n\nPlug it in."));
 */
export async function readDocument(
  name: string,
  bytes: Uint8Array,
  onProgress: () => void = () => undefined,
): Promise<DocumentReading> {
  const kind = detectKind(name, bytes);
  const { sections, notes } = await read(name, bytes, kind, onProgress);
  const isEmpty = sections.length === 0;
  const said = isEmpty && notes.length === 0 ? refused("DOCUMENT_EMPTY").notes : notes;
  const findings = said.map((note) => finding(name, note));
  if (isEmpty || kind === null) return { document: null, findings };
  return { document: { name, kind, hash: documentHash(bytes), sections }, findings };
}

/**
 * Whether reading the document may take much time or memory for its size: its parser is third-party, or a few bytes
 * of it expand into a large value. Such documents are read in a process that can be killed.
 */
export function isCostlyKind(name: string, bytes: Uint8Array): boolean {
  const kind = detectKind(name, bytes);
  return kind === "pdf" || kind === "html" || kind === "json";
}

/** SHA-256 of a document's bytes in hex, which identifies its version. */
export function documentHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function read(
  name: string,
  bytes: Uint8Array,
  kind: DocumentKind | null,
  onProgress: () => void,
): Promise<Reading> {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    return refused("DOCUMENT_TOO_LARGE", { bytes: bytes.length, limitBytes: MAX_DOCUMENT_BYTES });
  }
  if (bytes.length === 0) return refused("DOCUMENT_EMPTY");
  if (kind === null) return refused("DOCUMENT_KIND_UNKNOWN");
  try {
    if (kind === "pdf") return await readPdf(bytes, onProgress);
    const text = decodeText(bytes, kind === "html");
    if (text === null) return refused("DOCUMENT_ENCODING_UNKNOWN");
    return await textReaders[kind](text, name);
  } catch (error) {
    if (error instanceof OutlineFull) return error.outline.finish([cutNote("blocks")]);
    if (TunewiseError.is(error) && error.code === "DOCUMENT_READER_MISSING")
      return refused(error.code, error.params);
    // third-party parsers may fail in unexpected ways, and one document must not end the reading of the others
    return refused("DOCUMENT_UNREADABLE", { reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").slice(0, 200) || "the parser failed";
}

function finding(file: string, { code, severity, params, line, count }: Note): Finding {
  const place = line === undefined ? { file } : { file, line };
  return findingOf(code, severity, { file, ...params }, [place], count ?? 1);
}

/** How data files are read as documents; `null`: not at all. A missing row does not compile. */
const kindsOfData: Readonly<Record<DataFileFormat, DocumentKind | null>> = {
  parquet: null,
  arrow: null,
  jsonl: "json",
  csv: "table",
  tsv: "table",
  json: "json",
  xlsx: null,
  text: "text",
};

const kinds: ReadonlyMap<string, DocumentKind> = new Map([
  ...dataFormats.flatMap((format) => {
    const kind = kindsOfData[format];
    return kind === null ? [] : endingsOfFormat(format).map((end) => [end, kind] as const);
  }),
  // as a document, Markdown has headings
  ...["md", "markdown", "mdx", "mkd"].map((end) => [end, "markdown"] as const),
  ...["text", "log", "rst", "adoc"].map((end) => [end, "text"] as const),
  ...["html", "htm", "xhtml"].map((end) => [end, "html"] as const),
  ["pdf", "pdf"],
]);

/** Whether a file of a folder is a document, judging by its extension. */
export function isDocumentName(name: string): boolean {
  return namedKind(name) !== undefined;
}

function namedKind(name: string): DocumentKind | undefined {
  return kinds.get(/\.([a-z]{2,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "");
}

/** Max. offset of a PDF's magic number, which other bytes may precede. */
const maxMagicOffset = 1024;

/** The kind, or `null` for a file that is neither text nor PDF. */
function detectKind(name: string, bytes: Uint8Array): DocumentKind | null {
  const head = Buffer.from(bytes.subarray(0, maxMagicOffset)).toString("latin1");
  if (head.includes("%PDF-")) return "pdf";
  const named = namedKind(name);
  if (named === "pdf") return "pdf";
  if (isBinary(bytes)) return null;
  if (named !== undefined) return named;
  const start = head.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return "html";
  return /^(?:\{\s*"|\[\s*\{\s*")/.test(start) ? "json" : "text";
}

/** Paragraphs with their first line number; headings are not guessed. */
export function readPlainText(text: string): Reading {
  const outline = new Outline();
  let paragraph: string[] = [];
  let start = 1;
  [...linesOf(text), ""].forEach((line, at) => {
    if (line.trim() !== "") {
      if (paragraph.length === 0) start = at + 1;
      paragraph.push(line);
      return;
    }
    outline.block("text", paragraph.join("\n"), { unit: "line", number: start });
    paragraph = [];
  });
  return outline.finish();
}

/** Number of bytes in which a page may declare its charset. */
const headBytes = 1024;

/**
 * Decodes bytes, or returns `null` if no known encoding fits.
 *
 * @param mayDeclare whether a `charset` in the first bytes is used
 * @source WHATWG HTML standard, 13.2.3.2 "Determining the character encoding": mark first, then the declaration
 *   within 1,024 bytes
 */
export function decodeText(bytes: Uint8Array, mayDeclare: boolean): string | null {
  const marked = encodingOfMark(bytes);
  if (marked !== null) return decodeAs(marked, bytes);
  if (isUtf8(bytes)) return decodeAs("utf-8", bytes);
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString("latin1");
  const declared = /charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})/i.exec(head)?.[1];
  return mayDeclare && declared !== undefined ? decodeAs(declared, bytes) : null;
}

/** Whether the bytes are not text; UTF-16 is recognized by its byte order mark. */
export function isBinary(bytes: Uint8Array): boolean {
  return encodingOfMark(bytes) === null && bytes.subarray(0, 8 * headBytes).includes(0);
}

function encodingOfMark(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function decodeAs(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null; // unknown encoding, or bytes that are invalid in it
  }
}
