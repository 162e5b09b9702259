/** @file An archive that is being written: a file of its owner's alone, under another name until it is whole. */
import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { errorReason, renameSynced, writeAll } from "@tunewise/core/files";
import { problem, TunewiseError } from "../problem/index.ts";
import { headerOf, paddingOf, tarEnd } from "./tar.ts";

/** Takes in files one after the other. */
export interface ArchiveSink {
  /** Bytes so far. */
  readonly bytes: number;
  /** Adds a file. Returns its SHA-256. */
  add(name: string, content: Uint8Array): Promise<string>;
  /** Adds a file as it comes; `null` where it had not `bytes` bytes, and then nothing of it is kept. */
  addStream(name: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<string | null>;
  /** Writes the end, syncs, and gives the archive its name. */
  end(): Promise<void>;
  /** Removes what there is. */
  drop(): Promise<void>;
}

/** Where bytes go. */
export interface Writable {
  write(content: Uint8Array, at: number): Promise<unknown>;
  /** Ends the file after so many bytes. */
  cut(bytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Begins an archive.
 *
 * @param id tells apart those that are written to one path at the same time
 * @param openDraft makes a file that must not be there
 * @throws {TunewiseError} `ARCHIVE_WRITE_FAILED`, also from its methods
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
      // What comes next is written over it; the end is cut where the last file ends.
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

/** A new file that only its owner may read: an archive holds what the store holds. */
async function openOwn(path: string): Promise<Writable> {
  const handle = await open(path, "wx", 0o600);
  return {
    write: (content, at) => writeAll(handle, content, at),
    cut: (bytes) => handle.truncate(bytes),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
