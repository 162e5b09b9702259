/**
 * @file The documents of a recipe as an index of words, kept on disk: what did not change is not read again.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
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
  readDocument,
  type SourceDocument,
  updateIndex,
} from "../../retrieve/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { type DocumentFile, findDocuments } from "./find-documents.ts";

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

/** Largest index that is read back. */
const indexMost = 4 * 1024 ** 3;

/**
 * Reads the documents; `null` where a recipe has none.
 *
 * @param output folder of runs; the index lies in `retrieval/` there
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND`
 */
export async function openCorpus(
  { documents: words, words: longest, overlap }: RetrievalSection,
  { folder, output }: { readonly folder: string; readonly output: string },
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
  for (const file of files) {
    const read = await readOne(file, (key) => old !== null && isIndexed(old, key, settings));
    findings.push(...read.findings);
    if (read.document !== null) documents.push(read.document);
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
    if ((await stat(path)).size > indexMost) return null;
    return decodeIndex(new Uint8Array(await readFile(path)));
  } catch {
    return null; // missing or damaged: it is built from nothing
  }
}

async function readOne(
  { path, name }: DocumentFile,
  isKnown: (key: DocumentKey) => boolean,
): Promise<{
  readonly document: SourceDocument | DocumentKey | null;
  readonly findings: readonly Finding[];
}> {
  try {
    const { size } = await stat(path);
    if (size > MAX_DOCUMENT_BYTES) {
      const about = { document: name, found: size, most: MAX_DOCUMENT_BYTES };
      return { document: null, findings: [findingOf("DOCUMENT_TOO_LARGE", "warning", about, [], 1)] };
    }
    const bytes = new Uint8Array(await readFile(path));
    const key = { name, hash: documentHash(bytes) };
    return isKnown(key) ? { document: key, findings: [] } : await readDocument(name, bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be opened";
    return {
      document: null,
      findings: [findingOf("DOCUMENT_UNREADABLE", "warning", { document: name, reason }, [], 1)],
    };
  }
}
