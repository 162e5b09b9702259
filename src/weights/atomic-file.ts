/**
 * @file Files of models, replaced as a whole, with words for a disk that fails.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, errorReason, replaceFile } from "../files/index.ts";
import { problem } from "../problem/index.ts";

/**
 * Writes chunks to a new file, syncs it and renames it over `path`; the folder is made where needed. Several processes
 * may do so at once: a cache is shared.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; the earlier file is then still there
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, chunks, { isShared: true });
  } catch (cause) {
    throw writeProblem(path, cause);
  }
}

/** A failed write as an error of the catalog; errors of the catalog and aborts pass unchanged. */
export function writeProblem(path: string, cause: unknown): unknown {
  const code = errorCode(cause);
  if (!/^E[A-Z0-9]+$/.test(code)) return cause;
  const isWorded = errorReason(cause) !== (cause as Error).message;
  const detail = isWorded ? errorReason(cause) : code;
  return problem("MODEL_FILE_WRITE_FAILED", { file: path, detail }, { cause });
}
