/**
 * @file Lexical (BM25) index of a recipe's documents. It is cached on disk, so that unchanged documents are parsed only
 * once.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Example, locationOf } from "@tunewise/core/rows";
import { FileTooLarge, openTaskProcess, readRegularFile, type TaskFailure } from "@tunewise/core/untrusted";
import { answerOf, promptOf } from "@tunewise/datacheck/dataset";
import { writeWholeFile } from "@tunewise/tracker";
import { packageProgram } from "../../catalog/index.ts";
import { type Finding, findingOf, problem } from "../../problem/index.ts";
import type { RetrievalSection } from "../../recipe/index.ts";
import {
  type DocumentKey,
  type DocumentReading,
  decodeIndex,
  documentHash,
  encodeIndex,
  findSharedRows,
  isCostlyKind,
  isDocumentName,
  isIndexed,
  type LexicalIndex,
  MAX_DOCUMENT_BYTES,
  readDocument,
  type SourceDocument,
  updateIndex,
} from "../../retrieve/index.ts";

/** Indexed documents for retrieval. */
export interface Corpus {
  readonly index: LexicalIndex;
  readonly documents: number;
  /** SHA-256 of the documents and the passage settings. */
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
  /** The index folder. */
  readonly folder: string;
}

/** Where the documents and their index are stored. */
export interface CorpusPaths {
  readonly folder: string;
  /** Folder of runs, whose `retrieval/` holds the index. */
  readonly output: string;
  /** Command that starts Node for the document reader process. */
  readonly node: readonly string[];
}

/** Maximum size of a cached index. */
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
    return null; // a missing or damaged index is rebuilt
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
 * Returns `ARM_CORPUS_LEAK` if the documents contain test rows, because retrieval would then copy their answers. An
 * answer without its question does not count, since documents are meant to contain answers.
 */
export function leakedRows(corpus: Corpus | null, test: readonly Example[]): Finding[] {
  if (corpus === null) return [];
  const { passages } = corpus.index;
  const asked = test.map((row) => ({ prompt: promptOf(row), answer: answerOf(row) }));
  const shared = findSharedRows(asked, passages).filter(({ kind }) => kind === "row");
  const [first] = shared;
  if (first === undefined) return [];
  const places = shared.map(({ row }) => test[row]).flatMap((row) => (row ? [locationOf(row)] : []));
  const about = { count: shared.length, document: passages[first.passage]?.document ?? "" };
  return [findingOf("ARM_CORPUS_LEAK", "error", about, places, shared.length)];
}

/** A file, and the name under which it is cited. */
export interface DocumentFile {
  readonly path: string;
  /** Relative to the recipe, with forward slashes. */
  readonly name: string;
}

/** Maximum number of files in a corpus. */
const maxFiles = 200_000;

/**
 * Returns the files sorted by name. Does not follow links, so that no pattern can leave its folder.
 *
 * @throws {TunewiseError} `DOCUMENTS_NOT_FOUND` if one of the patterns matches nothing
 */
export async function findDocuments(words: readonly string[], folder: string): Promise<DocumentFile[]> {
  const found = new Map<string, DocumentFile>();
  for (const word of words) {
    let hits = 0;
    const star = word.indexOf("*");
    const start = star === -1 ? word : word.slice(0, word.lastIndexOf("/", star) + 1) || ".";
    const root = isAbsolute(start) ? start : resolve(folder, start);
    const kind = await stat(root).catch(() => null);
    const add = (path: string): void => {
      const inside = relative(folder, path);
      const name = (inside.startsWith("..") ? path : inside).split(sep).join("/");
      hits++;
      if (found.size < maxFiles) found.set(path, { path, name });
    };
    if (kind?.isFile() && star === -1) add(root);
    else if (kind?.isDirectory()) {
      const pattern = star === -1 ? null : word.slice(word.lastIndexOf("/", star) + 1);
      for (const path of await filesBelow(root)) {
        const name = relative(root, path).split(sep).join("/");
        if (pattern === null ? isDocumentName(name) : matches(name, pattern)) add(path);
      }
    }
    if (hits === 0) throw problem("DOCUMENTS_NOT_FOUND", { word, folder });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined && found.length < maxFiles; folder = open.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) open.push(join(folder, entry.name));
      else if (entry.isFile()) found.push(join(folder, entry.name));
    }
  }
  return found;
}

/**
 * Whether a path matches a glob: `*` matches within one folder, `**` across folders. Runs in O(path × pattern) for
 * every pattern.
 */
export function matches(path: string, pattern: string): boolean {
  // positions in the pattern that are reachable after each character of the path
  let places = follow(pattern, new Set([0]));
  for (const character of path) {
    const next = new Set<number>();
    for (const at of places) {
      if (pattern.startsWith("**", at)) next.add(at);
      else if (pattern[at] === "*") {
        if (character !== "/") next.add(at);
      } else if (pattern[at] === character) next.add(at + 1);
    }
    places = follow(pattern, next);
  }
  return places.has(pattern.length);
}

/** Adds the positions after stars, since a star may match nothing. `**` may also match the slash after it. */
function follow(pattern: string, places: Set<number>): Set<number> {
  for (const at of places) {
    if (pattern.startsWith("**/", at)) places.add(at + 3);
    if (pattern.startsWith("**", at)) places.add(at + 2);
    else if (pattern[at] === "*") places.add(at + 1);
  }
  return places;
}

/**
 * Time limit in seconds per page, or per document without pages. An ordinary page takes a few hundredths of a second.
 */
const stepSeconds = 5;
/** Memory limit of the reader process. A PDF with a few hundred pages needs about a quarter of it. */
const memoryMegabytes = 512;
/** Time limit of a document in seconds: one minute, plus time proportional to its size. */
const totalSeconds = (bytes: number): number => 60 + bytes / 50_000;

/** Reads documents sequentially. */
export interface DocumentReader {
  /** Never rejects. Reports the findings of `readDocument`, and `DOCUMENT_TOO_COSTLY`. */
  read(name: string, bytes: Uint8Array): Promise<DocumentReading>;
  close(): void;
}

/**
 * Opens a document reader that parses costly kinds of documents in a process of its own.
 *
 * @param node command that starts Node: the program, then its flags
 */
export function openDocumentReader(node: readonly string[]): DocumentReader {
  const process = openTaskProcess<{ readonly name: string; readonly bytes: Uint8Array }, DocumentReading>(
    [...node, packageProgram("document-reader")],
    { stepSeconds, memoryMegabytes },
  );
  return {
    read: async (name, bytes) => {
      if (!isCostlyKind(name, bytes)) return readDocument(name, bytes);
      const end = await process.run({ name, bytes }, totalSeconds(bytes.length));
      return "result" in end ? end.result : unread(name, bytes.length, end);
    },
    close: () => process.close(),
  };
}

function unread(file: string, bytes: number, end: TaskFailure): DocumentReading {
  const finding =
    end.failure === "error"
      ? findingOf("DOCUMENT_UNREADABLE", "warning", { file, reason: end.reason }, [{ file }], 1)
      : findingOf("DOCUMENT_TOO_COSTLY", "warning", { file, bytes, spent: spentOn(end) }, [{ file }], 1);
  return { document: null, findings: [finding] };
}

function spentOn(end: Exclude<TaskFailure, { readonly failure: "error" }>): string {
  return end.failure === "time" ? `${end.seconds} s without finishing` : `${end.megabytes} MiB of memory`;
}
