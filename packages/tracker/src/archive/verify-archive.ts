/** @file Opens an archive file and verifies it completely before its contents are used. */
import { createHash } from "node:crypto";
import { errorReason } from "@tunewise/core/files";
import { openRegularFile } from "@tunewise/core/untrusted";
import { artifactKey, plainKey } from "../artifacts/artifact-store.ts";
import { clientPath } from "../artifacts/stored-name.ts";
import { problem } from "../problem/index.ts";
import {
  type ArchivePart,
  type ArchiveVersions,
  filesOfList,
  type Manifest,
  maxManifestBytes,
  maxPartBytes,
  names,
  readManifest,
} from "./manifest.ts";
import { readPart } from "./part-writer.ts";
import { NotAnArchive, type ReadAt, readEntry, type TarEntry } from "./tar.ts";

/** An open archive. */
export interface ArchiveFile {
  readonly read: ReadAt;
  readonly bytes: number;
}

/** A client's file in an archive. */
export interface ListedFile {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Callbacks during verification. */
interface Visitor {
  readonly judge: (versions: ArchiveVersions) => void;
  readonly onBytes: (bytes: number) => void;
}

/** Bytes per read. */
const chunkBytes = 1024 ** 2;

/** What was found so far. */
interface Seen {
  readonly parts: Map<string, FoundPart>;
  /** Files that follow the last list. */
  files: ListedFile[];
  fileCount: number;
  fileBytes: number;
  /** Keys of all files so far. */
  readonly keys: Set<string>;
  manifest: { readonly read: Manifest; readonly sha256: string } | null;
  isEnded: boolean;
}

/** A part as found in the archive. */
type FoundPart = TarEntry & { readonly sha256: string };

/** An archive that passed verification. */
export interface VerifiedArchive {
  readonly manifest: Manifest;
  readonly parts: ReadonlyMap<string, TarEntry>;
}

/**
 * Verifies every byte: headers, digests, order, file lists and the manifest. Nothing may be missing or added.
 *
 * @param visitor may throw to refuse the archive's versions
 * @throws {NotAnArchive}
 */
export async function verifyArchive(file: ArchiveFile, visitor: Visitor): Promise<VerifiedArchive> {
  const seen: Seen = {
    parts: new Map(),
    files: [],
    fileCount: 0,
    fileBytes: 0,
    keys: new Set(),
    manifest: null,
    isEnded: false,
  };
  for await (const entry of entriesOf(file, 0)) {
    if (seen.isEnded) throw new NotAnArchive("something follows its manifest");
    if (seen.manifest) await takeDigest(file, entry, seen);
    else if (entry.name === names.manifest) await takeManifest(file, entry, seen, visitor);
    else if (entry.name.startsWith(names.files)) await takeFile(file, entry, seen);
    else await takePart(file, entry, seen);
    visitor.onBytes(entry.next);
  }
  if (!seen.manifest || !seen.isEnded || seen.files.length > 0) throw new NotAnArchive("it ends too early");
  checkAgainst(seen.manifest.read, seen);
  return { manifest: seen.manifest.read, parts: seen.parts };
}

async function takeFile(file: ArchiveFile, entry: TarEntry, seen: Seen): Promise<void> {
  const key = keyIn(entry.name);
  if (seen.keys.has(key)) throw new NotAnArchive(`the file ${key} is in it twice`);
  seen.keys.add(key);
  seen.files.push({ key, bytes: entry.bytes, sha256: await sha256Of(file, entry) });
  seen.fileCount++;
  seen.fileBytes += entry.bytes;
  if (seen.files.length > filesOfList) throw new NotAnArchive("its files have no list");
}

/** Records a part of a table, or checks the list of the files before it. */
async function takePart(file: ArchiveFile, entry: TarEntry, seen: Seen): Promise<void> {
  const { name } = entry;
  if (seen.parts.has(name)) throw new NotAnArchive(`${name} is in it twice`);
  seen.parts.set(name, { ...entry, sha256: await sha256Of(file, entry) });
  if (seen.files.length > 0) await checkList(name, await contentOf(file, entry, maxPartBytes), seen.files);
  seen.files = [];
}

async function takeManifest(
  file: ArchiveFile,
  entry: TarEntry,
  seen: Seen,
  { judge }: Visitor,
): Promise<void> {
  const text = await contentOf(file, entry, maxManifestBytes);
  const sha256 = createHash("sha256").update(text).digest("hex");
  seen.manifest = { read: readManifest(text.toString("utf8"), judge), sha256 };
}

async function takeDigest(file: ArchiveFile, entry: TarEntry, seen: Seen): Promise<void> {
  const text = entry.name === names.digest ? await contentOf(file, entry, 1024) : "";
  if (text.toString("utf8") !== `${seen.manifest?.sha256}  ${names.manifest}\n`) {
    throw new NotAnArchive("its manifest is damaged");
  }
  seen.isEnded = true;
}

/**
 * Compares a list with the files that precede it.
 *
 * @throws {NotAnArchive}
 */
export async function checkList(name: string, packed: Buffer, files: readonly ListedFile[]): Promise<void> {
  const wanted = files.map(({ key, bytes, sha256 }) => JSON.stringify([key, bytes, sha256]));
  const bytes = wanted.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const sha256 = createHash("sha256").update(packed).digest("hex");
  const about = { rows: files.length, bytes, packed_bytes: packed.length, sha256 };
  let at = 0;
  for (const line of await readPart(name, packed, about)) {
    if (line !== wanted[at++]) throw new NotAnArchive(`${name} does not list the files before it`);
  }
}

function checkAgainst({ tables, files }: Manifest, seen: Seen): void {
  const wanted = new Map<string, ArchivePart>();
  const expect = (
    about: string,
    rows: number,
    parts: readonly ArchivePart[],
    name: (at: number) => string,
  ): void => {
    for (const [at, part] of parts.entries()) wanted.set(name(at), part);
    if (parts.reduce((sum, part) => sum + part.rows, 0) !== rows) {
      throw new NotAnArchive(`the parts of ${about} do not add up`);
    }
  };
  for (const { name, rows, parts } of tables) expect(name, rows, parts, (at) => names.part(name, at));
  expect("its list of files", seen.fileCount, files?.lists ?? [], names.list);
  if ((files?.count ?? 0) !== seen.fileCount || (files?.bytes ?? 0) !== seen.fileBytes) {
    throw new NotAnArchive("its files are not those of its manifest");
  }
  for (const [name, part] of wanted) {
    const found = seen.parts.get(name);
    if (!found) throw new NotAnArchive(`${name} is missing`);
    if (found.bytes !== part.packed_bytes || found.sha256 !== part.sha256) {
      throw new NotAnArchive(`${name} is damaged`);
    }
  }
  for (const name of seen.parts.keys()) {
    if (!wanted.has(name)) throw new NotAnArchive(`${name} is not in its manifest`);
  }
}

/** The files of an archive, starting at an offset. */
export async function* entriesOf({ read, bytes }: ArchiveFile, from: number): AsyncGenerator<TarEntry> {
  for (let at = from; ; ) {
    const entry = await readEntry(read, at, bytes);
    if (!entry) return;
    yield entry;
    at = entry.next;
  }
}

/** The content of a file, in chunks. */
export async function* chunksIn({ read }: ArchiveFile, { at, bytes }: TarEntry): AsyncGenerator<Buffer> {
  for (let done = 0; done < bytes; ) {
    const chunk = await read(at + done, Math.min(chunkBytes, bytes - done));
    if (chunk.length === 0) throw new NotAnArchive("it ends too early");
    done += chunk.length;
    yield chunk;
  }
}

/** The content of a small file. */
export async function contentOf(file: ArchiveFile, entry: TarEntry, maxBytes: number): Promise<Buffer> {
  if (entry.bytes > maxBytes) throw new NotAnArchive(`${entry.name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of chunksIn(file, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The key of a client's file, from its name in the archive. Earlier versions stored keys unencoded. */
export function keyIn(name: string): string {
  const stored = name.slice(names.files.length);
  const path = clientPath(stored) ?? plainKey(stored);
  const key = path === null ? null : artifactKey(path);
  if (key === null) throw new NotAnArchive("the path of one of its files leads elsewhere");
  return key;
}

async function sha256Of(file: ArchiveFile, entry: TarEntry): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunksIn(file, entry)) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Opens an archive file.
 *
 * @throws {TunewiseError} `ARCHIVE_DAMAGED` if it is not a readable regular file
 */
export async function openArchive(path: string): Promise<ArchiveFile & { close(): Promise<void> }> {
  const failed = (cause: unknown): never => {
    throw problem("ARCHIVE_DAMAGED", { path, reason: errorReason(cause) }, { cause });
  };
  const handle = await openRegularFile(path).catch(failed);
  const about = await handle.stat();
  return {
    bytes: about.size,
    read: async (at, bytes) => {
      const buffer = Buffer.alloc(bytes);
      let done = 0;
      while (done < bytes) {
        const { bytesRead } = await handle.read(buffer, done, bytes - done, at + done).catch(failed);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    },
    close: () => handle.close(),
  };
}
