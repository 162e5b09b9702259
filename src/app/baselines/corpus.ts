/** @file Lexical (BM25) index of a recipe's documents, cached on disk: unchanged documents are not parsed again. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { answerOf, questionOf } from "../../baselines/index.ts";
import { type Example, locationOf } from "../../dataset/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { RetrievalSection } from "../../recipe/index.ts";
import {
  type DocumentKey,
  decodeIndex,
  documentHash,
  encodeIndex,
  findSharedRows,
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

/** Indexed documents for retrieval. */
export interface Corpus {
  readonly index: LexicalIndex;
  readonly documents: number;
  /** SHA-256 of the documents and the settings of their passages. */
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
  /** Folder of the index. */
  readonly folder: string;
}

/** Locations of the documents and their index. */
export interface CorpusPaths {
  readonly folder: string;
  /** Folder of runs; its `retrieval/` holds the index. */
  readonly output: string;
  /** Command that starts Node, for the document reader process. */
  readonly node: readonly string[];
}

/** Size limit of a cached index. */
const maxIndexBytes = 4 * 1024 ** 3;

/**
 * Reads and indexes the documents. Returns `null` if the recipe has none.
 *
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND`
 */
export async function openCorpus(
  { documents: patterns, words: longest, overlap }: RetrievalSection,
  { folder, output, node }: CorpusPaths,
): Promise<Corpus | null> {
  if (patterns.length === 0) return null;
  const files = await findDocuments(patterns, folder);
  const settings = { words: longest, overlap };
  const place = join(output, "retrieval");
  const path = join(
    place,
    `words-${createHash("sha256").update(patterns.join("\n")).digest("hex").slice(0, 12)}.idx`,
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
    return decodeIndex(new Uint8Array(await readRegularFile(path, maxIndexBytes)));
  } catch {
    return null; // missing or damaged: rebuilt
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
    return { document: null, findings: [unreadableFinding(name, cause)] };
  }
}

function unreadableFinding(file: string, cause: unknown): Finding {
  if (cause instanceof FileTooLarge) {
    const { bytes, limitBytes } = cause;
    return findingOf("DOCUMENT_TOO_LARGE", "warning", { file, bytes, limitBytes }, [{ file }], 1);
  }
  const reason = cause instanceof Error ? cause.message : "it cannot be opened";
  return findingOf("DOCUMENT_UNREADABLE", "warning", { file, reason }, [{ file }], 1);
}

/**
 * Returns `ARM_CORPUS_LEAK` if test rows are contained in the documents, so that retrieval would copy them. An answer
 * without its question does not count: documents are meant to contain answers.
 */
export function leakedRows(corpus: Corpus | null, test: readonly Example[]): Finding[] {
  if (corpus === null) return [];
  const { passages } = corpus.index;
  const asked = test.map((row) => ({ prompt: questionOf(row), answer: answerOf(row) }));
  const shared = findSharedRows(asked, passages).filter(({ kind }) => kind === "row");
  const [first] = shared;
  if (first === undefined) return [];
  const places = shared.map(({ row }) => test[row]).flatMap((row) => (row ? [locationOf(row)] : []));
  const about = { count: shared.length, document: passages[first.passage]?.document ?? "" };
  return [findingOf("ARM_CORPUS_LEAK", "error", about, places, shared.length)];
}
