/** @file Random access to a file that is open only while it is read, and must not change in between. */
import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { NotRegularFile, openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";

/** One system call reads less than 2 GiB; larger weights are read in chunks of this size. */
const pieceBytes = 2 ** 30;
const hashPieceBytes = 4 * 2 ** 20;

/** A file from which only the requested bytes are read. */
export interface PositionedFile {
  readonly path: string;
  /** Size in bytes at opening. */
  readonly size: number;
  /** Fills `target` with the bytes starting at `offset`. */
  readInto(target: Uint8Array, offset: number): Promise<void>;
  /** The `length` bytes starting at `offset`, in new memory. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Adds the complete content to a hash. */
  hashInto(hash: Hash): Promise<void>;
  /** Closes the file. A later read opens it again and fails if the file has been replaced. */
  close(): Promise<void>;
}

/**
 * Opens a file for random access.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING` if the file does not exist, `MODEL_FILE_DAMAGED` if it cannot be
 *   opened or, later, if it ends before the requested bytes or has been replaced since
 */
export async function openPositionedFile(path: string): Promise<PositionedFile> {
  const first = await openForReading(path);
  const { size, mtimeMs, ino } = await first.stat();
  let handle: Promise<FileHandle> | null = Promise.resolve(first);
  const reopen = async (): Promise<FileHandle> => {
    const again = await openForReading(path);
    const now = await again.stat();
    if (now.size === size && now.mtimeMs === mtimeMs && now.ino === ino) return again;
    await again.close();
    throw problem("MODEL_FILE_DAMAGED", { file: path, detail: "it was changed while it was in use" });
  };
  const readInto = async (target: Uint8Array, offset: number): Promise<void> => {
    if (offset + target.byteLength > size) throw ended(path, offset + target.byteLength, size);
    handle ??= reopen().catch((error: unknown) => {
      handle = null;
      throw error;
    });
    const file = await handle;
    let done = 0;
    while (done < target.byteLength) {
      const length = Math.min(pieceBytes, target.byteLength - done);
      const { bytesRead } = await file.read(target, done, length, offset + done);
      if (bytesRead === 0) throw ended(path, offset + target.byteLength, offset + done);
      done += bytesRead;
    }
  };
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    // Checked before the allocation: `length` may come from the file itself.
    if (offset + length > size) throw ended(path, offset + length, size);
    const target = new Uint8Array(length);
    await readInto(target, offset);
    return target;
  };
  const hashInto = async (hash: Hash): Promise<void> => {
    for (let offset = 0; offset < size; offset += hashPieceBytes) {
      hash.update(await read(offset, Math.min(hashPieceBytes, size - offset)));
    }
  };
  const close = async (): Promise<void> => {
    const open = handle;
    handle = null;
    await (await open)?.close();
  };
  return { path, size, readInto, read, hashInto, close };
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await openRegularFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
      const place = cut > 0 ? path.slice(0, cut) : "this folder";
      throw problem("MODEL_FILE_MISSING", { place, file: path.slice(cut + 1) }, { cause });
    }
    const detail = cause instanceof NotRegularFile ? cause.message : `it cannot be opened (${code})`;
    throw problem("MODEL_FILE_DAMAGED", { file: path, detail }, { cause });
  }
}

/** The error of a file that contradicts its format. */
export function damagedFile(file: string, detail: string): Error {
  return problem("MODEL_FILE_DAMAGED", { file, detail });
}

function ended(path: string, needed: number, size: number): Error {
  return damagedFile(path, `it ends at byte ${size}, but byte ${needed} is needed`);
}

/** Returns the result of `use`. The files stay open; if `use` fails, they are closed. */
export async function closedOnError<F extends { close(): Promise<void> }, T>(
  files: F,
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    await files.close();
    throw error;
  }
}

/**
 * All bytes of a file.
 *
 * @param maximumBytes larger files are rejected before they are read
 * @throws {TunewiseError} `MODEL_FILE_LIMIT`, and those of `openPositionedFile`
 */
export async function readWholeFile(path: string, maximumBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openPositionedFile(path);
  try {
    if (file.size > maximumBytes) {
      const about = { file: path, what: "its size in bytes", found: file.size, limit: maximumBytes };
      throw problem("MODEL_FILE_LIMIT", about);
    }
    return await file.read(0, file.size);
  } finally {
    await file.close();
  }
}
