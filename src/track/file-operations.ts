/**
 * @file The few operations on files that writing safely needs, as a value, so that tests can make any of
 * them fail.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";

/** What a file is to hold: all at once, or piece by piece where it may be too large for that. */
export type FileContent = Uint8Array | string | Iterable<string> | AsyncIterable<string>;

/** Operations on files; each may throw a system error such as `ENOSPC`. */
export interface FileOperations {
  makeFolder(path: string): Promise<void>;
  /** Writes a new or replaced file and syncs it. */
  writeSynced(path: string, content: FileContent): Promise<void>;
  /** Syncs what is written of a file. */
  syncFile(path: string): Promise<void>;
  /** Syncs a folder, so that its names survive a power cut; does nothing where the system cannot. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; a missing one is fine. */
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<string[]>;
}

/** The real disk. */
export const disk: FileOperations = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  writeSynced: async (path, content) => {
    await withHandle(path, "w", async (handle) => {
      const isWhole = typeof content === "string" || content instanceof Uint8Array;
      if (isWhole) await handle.writeFile(content);
      else for await (const piece of content) await handle.appendFile(piece);
      await handle.sync();
    });
  },
  syncFile: (path) => withHandle(path, "r+", (handle) => handle.sync()),
  syncFolder: async (path) => {
    try {
      await withHandle(path, "r", (handle) => handle.sync());
    } catch (error) {
      // Windows opens no folders, and some network drives do not sync them.
      if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes(errorCode(error))) throw error;
    }
  },
  rename,
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

/** `ENOSPC`, `EEXIST` ..., or an empty text for an error that is none of the system. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The system error in a few plain words, for a message. */
export function errorReason(error: unknown): string {
  const words = new Map([
    ["ENOSPC", "no space left on the disk"],
    ["EDQUOT", "the disk quota is used up"],
    ["EACCES", "permission denied"],
    ["EPERM", "operation not permitted"],
    ["EROFS", "the file system is read-only"],
    ["ENOENT", "no such file or folder"],
    ["EIO", "the disk reported an error"],
  ]);
  return words.get(errorCode(error)) ?? (error instanceof Error ? error.message : String(error));
}
