/**
 * @file The documents of a recipe as an index of words, kept on disk: what did not change is not read again.
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { RetrievalSection } from "../../recipe/index.ts";
import {
  type DocumentKey,
  decodeIndex,
  documentHash,
  encodeIndex,
  isIndexed,
  type LexicalIndex,
  MAX_DOCUMENT_BYTES,
  type SourceDocument,
  updateIndex,
} from "../../retrieve/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { FileTooLarge, readRegularFile } from "../../untrusted/index.ts";
import { type DocumentFile, findDocuments } from "./find-documents.ts";
import { type DocumentReader, openDocumentReader } from "./read-document.ts";

/** Documents that passages are looked up in. */
export interface Corpus {
  readonly index: LexicalIndex;
  readonly documents: number;
  /** SHA-256 of the documents and of how they are cut. */
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
  /** Folder where its index lies. */
  readonly folder: string;
}

/** Where documents are found and their index is kept. */
export interface CorpusPlace {
  readonly folder: string;
  /** Folder of runs; the index lies in `retrieval/` there. */
  readonly output: string;
  /** How Node is started, for the process that reads documents. */
  readonly node: readonly string[];
}

/** Largest index that is read back. */
const indexMost = 4 * 1024 ** 3;

/**
 * Reads the documents; `null` where a recipe has none.
 *
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND`
 */
export async function openCorpus(
  { documents: words, words: longest, overlap }: RetrievalSection,
  { folder, output, node }: CorpusPlace,
): Promise<Corpus | null> {
  if (words.length === 0) return null;
  const files = await findDocuments(words, folder);
  const settings = { words: longest, overlap };
  const place = join(output, "retrieval");
  const path = join(
    place,
    `words-${createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 12)}.idx`,
  );
  const old = await readOld(path);
  const findings: Finding[] = [];
  const documents: (SourceDocument | DocumentKey)[] = [];
  const reader = openDocumentReader(node);
  try {
    for (const file of files) {
      const read = await readOne(file, reader, (key) => old !== null && isIndexed(old, key, settings));
      findings.push(...read.findings);
      if (read.document !== null) documents.push(read.document);
    }
  } finally {
    reader.close();
  }
  const index = updateIndex(old, documents, settings);
  const bytes = encodeIndex(index);
  const fingerprint = createHash("sha256").update(bytes).digest("hex");
  await mkdir(place, { recursive: true });
  await writeWholeFile(path, bytes);
  return { index, documents: documents.length, fingerprint, findings, folder: place };
}

async function readOld(path: string): Promise<LexicalIndex | null> {
  try {
    return decodeIndex(new Uint8Array(await readRegularFile(path, indexMost)));
  } catch {
    return null; // missing or damaged: it is built from nothing
  }
}

async function readOne(
  { path, name }: DocumentFile,
  reader: DocumentReader,
  isKnown: (key: DocumentKey) => boolean,
): Promise<{
  readonly document: SourceDocument | DocumentKey | null;
  readonly findings: readonly Finding[];
}> {
  try {
    const bytes = new Uint8Array(await readRegularFile(path, MAX_DOCUMENT_BYTES));
    const key = { name, hash: documentHash(bytes) };
    return isKnown(key) ? { document: key, findings: [] } : await reader.read(name, bytes);
  } catch (cause) {
    return { document: null, findings: [unopened(name, cause)] };
  }
}

function unopened(file: string, cause: unknown): Finding {
  if (cause instanceof FileTooLarge) {
    const { bytes, limitBytes } = cause;
    return findingOf("DOCUMENT_TOO_LARGE", "warning", { file, bytes, limitBytes }, [{ file }], 1);
  }
  const reason = cause instanceof Error ? cause.message : "it cannot be opened";
  return findingOf("DOCUMENT_UNREADABLE", "warning", { file, reason }, [{ file }], 1);
}
