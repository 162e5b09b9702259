/**
 * @file Opens an archive on disk for reading at any place.
 */
import { open } from "node:fs/promises";
import { errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import type { ArchiveFile } from "./verify-archive.ts";

/**
 * Opens a file.
 *
 * @throws {TunewiseError} `ARCHIVE_DAMAGED` where there is no file that can be read
 */
export async function openArchive(path: string): Promise<ArchiveFile & { close(): Promise<void> }> {
  const failed = (cause: unknown): never => {
    throw problem("ARCHIVE_DAMAGED", { path, reason: errorReason(cause) }, { cause });
  };
  const handle = await open(path, "r").catch(failed);
  const about = await handle.stat();
  if (!about.isFile()) {
    await handle.close();
    return failed(new Error("it is no file"));
  }
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
