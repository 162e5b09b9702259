/**
 * @file A file open for reading at any position, with its size fixed at opening.
 */
import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { problem } from "../problem/index.ts";
import { NotRegularFile, openRegularFile } from "../untrusted/index.ts";

/** One system call reads less than 2 GiB; larger weights are read in pieces of this size. */
const pieceBytes = 2 ** 30;
const hashPieceBytes = 4 * 2 ** 20;

/** A file of which only the bytes asked for are read. */
export interface PositionedFile {
  readonly path: string;
  /** Size in bytes when it was opened. */
  readonly size: number;
  /** Fills `target` with the bytes from `offset` on. */
  readInto(target: Uint8Array, offset: number): Promise<void>;
  /** The `length` bytes from `offset` on, in memory of their own. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Adds the whole content to a hash. */
  hashInto(hash: Hash): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file for reading at any position.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING` if there is no such file, `MODEL_FILE_DAMAGED` if it cannot be
 *   opened or, later, if it ends before the bytes asked for
 */
export async function openPositionedFile(path: string): Promise<PositionedFile> {
  const handle = await openForReading(path);
  const { size } = await handle.stat();
  const readInto = async (target: Uint8Array, offset: number): Promise<void> => {
    if (offset + target.byteLength > size) throw ended(path, offset + target.byteLength, size);
    let done = 0;
    while (done < target.byteLength) {
      const length = Math.min(pieceBytes, target.byteLength - done);
      const { bytesRead } = await handle.read(target, done, length, offset + done);
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
  return { path, size, readInto, read, hashInto, close: () => handle.close() };
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

function ended(path: string, needed: number, size: number): Error {
  const detail = `it ends at byte ${size}, but byte ${needed} is needed`;
  return problem("MODEL_FILE_DAMAGED", { file: path, detail });
}

/**
 * All bytes of a file.
 *
 * @param maximumBytes larger files are refused before they are read
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
