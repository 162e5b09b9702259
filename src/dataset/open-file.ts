/**
 * @file Files of the user: read whole under a limit, and what the system says when that fails.
 */
import { problem, type TunewiseError } from "../problem/index.ts";
import { FileTooLarge, readRegularFile } from "../untrusted/index.ts";

/**
 * The bytes of a file, its size checked before anything is allocated.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function readWhole(path: string, shown: string, maxBytes: number): Promise<Buffer> {
  return readRegularFile(path, maxBytes).catch((cause: unknown) => {
    if (cause instanceof FileTooLarge) throw tooLarge(shown, cause.bytes, cause.limitBytes);
    throw foreignFileError(shown, cause);
  });
}

/** `DATA_FILE_NOT_FOUND` for a missing file, else `DATA_FILE_UNREADABLE` with the system's reason. */
export function foreignFileError(file: string, cause: unknown): TunewiseError {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === "ENOENT") return problem("DATA_FILE_NOT_FOUND", { file }, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return problem("DATA_FILE_UNREADABLE", { file, reason }, { cause });
}

/** `DATA_FILE_TOO_LARGE` with the two numbers that clash. */
export function tooLarge(file: string, bytes: number, limitBytes: number): TunewiseError {
  return problem("DATA_FILE_TOO_LARGE", { file, bytes, limitBytes });
}
