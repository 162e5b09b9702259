/** @file The file operations that safe writing needs, passed as a value so that tests can make any of them fail. */
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";

/** Content of a file: in one piece, or in several if it may be too large for one. */
export type FileContent = FilePiece | Iterable<FilePiece> | AsyncIterable<FilePiece>;

type FilePiece = Uint8Array | string;

/** Operations on files; each may throw a system error such as `ENOSPC`. */
export interface FileOperations {
  makeFolder(path: string): Promise<void>;
  /** Creates or overwrites a file and syncs it. */
  writeSynced(path: string, content: FileContent): Promise<void>;
  /** Creates a file and syncs it, or removes it again if that fails. Fails with `EEXIST` if the file exists. */
  createSynced(path: string, content: FileContent): Promise<void>;
  /** Syncs a file's written data. */
  syncFile(path: string): Promise<void>;
  /** Syncs a folder so that its names survive a power cut; does nothing if the system does not support it. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; not an error if it is missing. */
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; empty if the folder does not exist. */
  list(path: string): Promise<string[]>;
}

/** File operations on the real disk. */
export const disk: FileOperations = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  writeSynced: (path, content) => withHandle(path, "w", (handle) => fill(handle, content)),
  createSynced: (path, content) =>
    withHandle(path, "wx", async (handle) => {
      try {
        await fill(handle, content);
      } catch (error) {
        await rm(path, { force: true }).catch(() => undefined);
        throw error;
      }
    }),
  syncFile: (path) => withHandle(path, "r+", (handle) => handle.sync()),
  syncFolder: async (path) => {
    try {
      await withHandle(path, "r", (handle) => handle.sync());
    } catch (error) {
      // Windows cannot open folders, and some network drives cannot sync them.
      if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes(errorCode(error))) throw error;
    }
  },
  rename: (from, to) => rename(from, to), // resolved at each call, because tests of failing disks replace `rename`
  remove: (path) => rm(path, { recursive: true, force: true }),
  list: async (path) => {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  },
};

async function withHandle(
  path: string,
  flags: string,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, content: FileContent): Promise<void> {
  if (typeof content === "string") await handle.writeFile(content);
  else if (content instanceof Uint8Array) await writeAll(handle, content);
  else for await (const piece of gathered(content)) await writeAll(handle, piece);
  await handle.sync();
}

/**
 * Small pieces are combined into writes of this size. The producer may reuse a piece once the next one is requested.
 */
const gatheredBytes = 1 << 20;

async function* gathered(pieces: Iterable<FilePiece> | AsyncIterable<FilePiece>): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(gatheredBytes);
  let filled = 0;
  for await (const given of pieces) {
    const piece = typeof given === "string" ? Buffer.from(given) : given;
    if (filled > 0 && filled + piece.byteLength > gatheredBytes) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (piece.byteLength > gatheredBytes) yield piece;
    else {
      buffer.set(piece, filled);
      filled += piece.byteLength;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/**
 * Writes all bytes: one system call accepts less than 2 GiB, and a disk that is filling up may accept only a part.
 *
 * @param position offset in the file; `null`: after the last write
 * @throws the system's error
 */
export async function writeAll(
  handle: Pick<FileHandle, "write">,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(bytes.byteLength - done, 2 ** 30);
    const place = position === null ? null : position + done;
    done += (await handle.write(bytes, done, length, place)).bytesWritten;
  }
}

/** `ENOSPC`, `EEXIST` ..., or an empty string if the error is not a system error. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The system error in plain words, for a message. */
export function errorReason(error: unknown): string {
  const words = new Map([
    ["ENOSPC", "no space left on the disk"],
    ["EDQUOT", "the disk quota is used up"],
    ["EACCES", "permission denied"],
    ["EPERM", "operation not permitted"],
    ["EROFS", "the file system is read-only"],
    ["ENOENT", "no such file or folder"],
    ["ENOTDIR", "a part of its folder's path is a file"],
    ["EISDIR", "a folder has its name"],
    ["EIO", "the disk reported an error"],
  ]);
  return words.get(errorCode(error)) ?? (error instanceof Error ? error.message : String(error));
}
