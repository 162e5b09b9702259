/**
 * @file Opens an archive on disk for reading at any place.
 */
import { problem } from "../../problem/index.ts";
import { openRegularFile } from "../../untrusted/index.ts";
import { errorReason } from "../file-operations.ts";
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
