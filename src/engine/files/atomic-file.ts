/**
 * @file Writing a file so that a crash or a full disk never leaves half of it under its final name.
 */
import { type FileHandle, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { problem } from "../../problem/index.ts";

/**
 * Writes chunks to a new file, syncs it and renames it over `path`; the folder is made where needed.
 *
 * Readers see the old content or the new, never a mixture; after a crash what remains is a folder `.writing-*`.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; the earlier file is then still there
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path);
  let temporary: string | null = null;
  try {
    await mkdir(folder, { recursive: true });
    temporary = await mkdtemp(join(folder, ".writing-"));
    const written = join(temporary, basename(path));
    await writeSynced(written, chunks);
    await rename(written, path);
    await syncFolder(folder);
  } catch (cause) {
    throw writeProblem(path, cause);
  } finally {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
  }
}

/** Makes a rename in this folder survive a power cut; a no-op where folders cannot be synced (Windows). */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, "r");
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch {
    // Some file systems refuse to sync a folder; the rename itself is then as durable as they make it.
  } finally {
    await handle.close();
  }
}

/** A failed write as an error of the catalog; errors of the catalog and aborts pass unchanged. */
export function writeProblem(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return cause;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "no space is left on the disk",
    EDQUOT: "the disk quota is used up",
    EACCES: "permission is denied",
    EPERM: "permission is denied",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of its folder's path is a file",
    EISDIR: "a folder has its name",
  };
  return problem("MODEL_FILE_WRITE_FAILED", { file: path, detail: reasons[code] ?? code }, { cause });
}

async function writeSynced(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const handle = await open(path, "wx");
  try {
    for await (const chunk of chunks) await writeAll(handle, chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.byteLength) {
    const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.byteLength - done, 2 ** 30));
    done += bytesWritten;
  }
}
