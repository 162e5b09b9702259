/**
 * @file The files of a run, a search or a command, replaced as a whole, with words for a disk that fails.
 */
import { dirname } from "node:path";
import { disk, errorReason, type FileContent, type FileOperations, replaceFile } from "../files/index.ts";
import { problem } from "../problem/index.ts";

/**
 * Writes a file so that a reader sees the old content or the new one.
 *
 * @param path in an existing folder
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the old content is unchanged
 */
export async function writeWholeFile(
  path: string,
  content: FileContent,
  files: FileOperations = disk,
): Promise<void> {
  try {
    await replaceFile(path, content, { files });
  } catch (cause) {
    throw problem(
      "RUN_FILE_WRITE_FAILED",
      { path, folder: dirname(path), reason: errorReason(cause) },
      { cause },
    );
  }
}
