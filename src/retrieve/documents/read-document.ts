/**
 * @file Reads a document of any known kind into sections with places; what cannot be read is a finding.
 */
import { createHash } from "node:crypto";
import { type Finding, findingOf } from "../../problem/index.ts";
import { MAX_DOCUMENT_BYTES } from "../limits.ts";
import { decodeText } from "./decode-text.ts";
import { readHtml } from "./html.ts";
import { readJson } from "./json.ts";
import { readMarkdown } from "./markdown.ts";
import { readPdf } from "./pdf.ts";
import { readPlainText } from "./plain-text.ts";
import {
  type DocumentKind,
  type Reading,
  type Remark,
  refused,
  type SourceDocument,
} from "./source-document.ts";
import { readTable } from "./table.ts";
import { tellKind } from "./tell-kind.ts";

/** A document, or `null` where none could be made, and what is to be said about it. */
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
 * The text of a document in sections. Never rejects and never throws: a file that is broken, locked, empty, too large
 * or of no known kind gives no document and a finding that says why.
 *
 * Findings: `DOCUMENT_TOO_LARGE`, `DOCUMENT_KIND_UNKNOWN`, `DOCUMENT_ENCODING_UNKNOWN`, `DOCUMENT_EMPTY`,
 * `DOCUMENT_SCANNED`, `DOCUMENT_UNREADABLE`, `DOCUMENT_LOCKED`, `DOCUMENT_READER_MISSING`, and of documents that are
 * read in part `DOCUMENT_CUT` and `DOCUMENT_ROWS_UNUSABLE`.
 *
 * @param name the file's name as it is to be cited; its ending tells the kind where the bytes do not
 * @param onProgress called after each page
 * @example
 * const { document, findings } = await readDocument("guide.md", new TextEncoder().encode("# Start\n\nPlug it in."));
 */
export async function readDocument(
  name: string,
  bytes: Uint8Array,
  onProgress: () => void = () => undefined,
): Promise<DocumentReading> {
  const kind = tellKind(name, bytes);
  const { sections, remarks } = await read(name, bytes, kind, onProgress);
  const isEmpty = sections.length === 0;
  const said = isEmpty && remarks.length === 0 ? refused("DOCUMENT_EMPTY").remarks : remarks;
  const findings = said.map((remark) => finding(name, remark));
  if (isEmpty || kind === null) return { document: null, findings };
  return { document: { name, kind, hash: documentHash(bytes), sections }, findings };
}

/**
 * Whether reading the document may take much time or memory for its size: its parser is not ours, or a few bytes of it
 * become a value of many. Such documents are read in a process that can be ended.
 */
export function isCostlyKind(name: string, bytes: Uint8Array): boolean {
  const kind = tellKind(name, bytes);
  return kind === "pdf" || kind === "html" || kind === "json";
}

/** SHA-256 of a document's bytes in hex: what tells whether it has changed. */
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
    // parsers of others may fail in ways of their own; one document never ends the reading of all
    return refused("DOCUMENT_UNREADABLE", { reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").slice(0, 200) || "the parser failed";
}

function finding(file: string, { code, severity, about, line, count }: Remark): Finding {
  const place = line === undefined ? { file } : { file, line };
  return findingOf(code, severity, { file, ...about }, [place], count ?? 1);
}
