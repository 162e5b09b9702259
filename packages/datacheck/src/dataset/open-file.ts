/** @file Loads user files under a size limit and maps system errors to problems. */

import type { FileHandle } from "node:fs/promises";
import { FileTooLarge, openRegularFile, readRegularFile } from "@tunewise/core/untrusted";
import { problem, type TunewiseError } from "../problem/index.ts";

/**
 * Reads a file, checking its size before allocating memory.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function readEntireFile(path: string, shown: string, maxBytes: number): Promise<Buffer> {
  return readRegularFile(path, maxBytes).catch((cause: unknown) => {
    if (cause instanceof FileTooLarge) throw tooLarge(shown, cause.bytes, cause.limitBytes);
    throw foreignFileError(shown, cause);
  });
}

/**
 * Opens a data file.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_FORBIDDEN`, `DATA_FILE_UNREADABLE`
 */
export async function openDataFile(path: string, shown: string): Promise<FileHandle> {
  return openRegularFile(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
}

/**
 * `DATA_FILE_NOT_FOUND` if the file is missing, `DATA_FILE_FORBIDDEN` without permission, otherwise
 * `DATA_FILE_UNREADABLE` with the system's reason.
 */
export function foreignFileError(file: string, cause: unknown): TunewiseError {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === "ENOENT") return problem("DATA_FILE_NOT_FOUND", { file }, { cause });
  if (code === "EACCES" || code === "EPERM") return problem("DATA_FILE_FORBIDDEN", { file }, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return problem("DATA_FILE_UNREADABLE", { file, reason }, { cause });
}

/** `DATA_FILE_TOO_LARGE` with size and limit. */
export function tooLarge(file: string, bytes: number, limitBytes: number): TunewiseError {
  return problem("DATA_FILE_TOO_LARGE", { file, bytes, limitBytes });
}
