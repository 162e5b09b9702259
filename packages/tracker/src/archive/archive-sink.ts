/** @file Writes an archive to a draft file that only its owner can read, and renames it once it is complete. */
import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { errorReason, renameSynced, writeAll } from "@tunewise/core/files";
import { problem, TunewiseError } from "../problem/index.ts";
import { headerOf, paddingOf, tarEnd } from "./tar.ts";

/** Appends files to an archive. */
export interface ArchiveSink {
  /** Bytes written so far. */
  readonly bytes: number;
  /** Adds a file. Returns its SHA-256. */
  add(name: string, content: Uint8Array): Promise<string>;
  /**
   * Adds a file from a stream. Returns `null`, and discards the file, if the stream does not yield exactly `bytes`
   * bytes.
   */
  addStream(name: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<string | null>;
  /** Writes the end marker, syncs, and renames the draft to its final path. */
  end(): Promise<void>;
  /** Removes the draft. */
  drop(): Promise<void>;
}

/** The file that receives the bytes. */
export interface Writable {
  write(content: Uint8Array, at: number): Promise<unknown>;
  /** Truncates the file to a length. */
  cut(bytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an archive.
 *
 * @param id distinguishes archives that are written to the same path at the same time
 * @param openDraft creates a file that must not exist yet
 * @throws {TunewiseError} `ARCHIVE_WRITE_FAILED`, which its methods throw too
 */
export async function openSink(
  path: string,
  id: string,
  openDraft: (path: string) => Promise<Writable> = openOwn,
): Promise<ArchiveSink> {
  const draft = `${path}.tunewise-draft-${id}`;
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (TunewiseError.is(cause)) throw cause;
      throw problem("ARCHIVE_WRITE_FAILED", { path, reason: errorReason(cause) }, { cause });
    }
  };
  const file = await guarded(() => openDraft(draft));
  let at = 0;
  const write = async (content: Uint8Array): Promise<void> => {
    await guarded(() => file.write(content, at));
    at += content.length;
  };
  const addStream: ArchiveSink["addStream"] = async (name, bytes, content) => {
    const start = at;
    const hash = createHash("sha256");
    await write(headerOf(name, bytes));
    let count = 0;
    for await (const chunk of content) {
      count += chunk.length;
      if (count > bytes) break;
      hash.update(chunk);
      await write(chunk);
    }
    if (count !== bytes) {
      // The next file overwrites it, and `end` truncates whatever is left.
      at = start;
      return null;
    }
    await write(Buffer.alloc(paddingOf(bytes)));
    return hash.digest("hex");
  };
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    get bytes() {
      return at;
    },
    addStream,
    add: async (name, content) => {
      const sha256 = await addStream(name, content.length, chunksOf(content));
      if (sha256 === null) throw new Error("Internal: a content of another length than its own");
      return sha256;
    },
    end: () =>
      guarded(async () => {
        await write(tarEnd);
        await file.cut(at);
        await file.sync();
        await close();
        await renameSynced(draft, path);
      }),
    drop: async () => {
      await close().catch(() => undefined);
      await rm(draft, { force: true });
    },
  };
}

async function* chunksOf(content: Uint8Array): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content;
}

/** Creates a file that only its owner can read, because an archive contains everything the store does. */
async function openOwn(path: string): Promise<Writable> {
  const handle = await open(path, "wx", 0o600);
  return {
    write: (content, at) => writeAll(handle, content, at),
    cut: (bytes) => handle.truncate(bytes),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
