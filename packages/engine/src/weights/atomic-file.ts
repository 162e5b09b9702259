/** @file Replaces a model's files atomically, and reports write failures. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, errorReason, replaceFile } from "@tunewise/core/files";
import { problem } from "../problem/index.ts";

/**
 * Writes chunks to a new file, syncs it and renames it over `path`; the folder is created if needed. Safe for
 * concurrent processes, because caches are shared.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`; the earlier file then still exists
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, chunks);
  } catch (cause) {
    throw writeProblem(path, cause);
  }
}

/** Converts a failed write to an error of the catalog; catalog errors and aborts pass unchanged. */
export function writeProblem(path: string, cause: unknown): unknown {
  const code = errorCode(cause);
  if (!/^E[A-Z0-9]+$/.test(code)) return cause;
  const isWorded = errorReason(cause) !== (cause as Error).message;
  const detail = isWorded ? errorReason(cause) : code;
  return problem("MODEL_FILE_WRITE_FAILED", { file: path, detail }, { cause });
}
