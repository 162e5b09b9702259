/**
 * @file Files of the user: read whole under a limit, and what the system says when that fails.
 */
import { open } from "node:fs/promises";
import { problem, type TunewiseError } from "../problem/index.ts";

/**
 * The bytes of a file, its size checked before anything is allocated.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function readWhole(path: string, shown: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge(shown, size, maxBytes);
    return await file.readFile().catch((cause: unknown) => {
      throw foreignFileError(shown, cause);
    });
  } finally {
    await file.close();
  }
}

/** `DATA_FILE_NOT_FOUND` for a missing file, else `DATA_FILE_UNREADABLE` with the system's reason. */
export function foreignFileError(file: string, cause: unknown): TunewiseError {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === "ENOENT") return problem("DATA_FILE_NOT_FOUND", { file }, { cause });
  const reason =
    code === "EISDIR" ? "it is a folder" : cause instanceof Error ? cause.message : String(cause);
  return problem("DATA_FILE_UNREADABLE", { file, reason }, { cause });
}

/** `DATA_FILE_TOO_LARGE` with the two numbers that clash. */
export function tooLarge(file: string, bytes: number, limitBytes: number): TunewiseError {
  return problem("DATA_FILE_TOO_LARGE", { file, bytes, limitBytes });
}
