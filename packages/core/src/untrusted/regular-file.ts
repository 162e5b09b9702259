/**
 * @file Opens files for reading; all other code must use this module. A named pipe, a device or a socket at the path
 * would block the reader or never end, so anything but a regular file is rejected.
 */

import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** The path names something other than a regular file. */
export class NotRegularFile extends Error {
  readonly code = "NOT_REGULAR_FILE";
  readonly path: string;
  /** `a folder`, `a named pipe`, `a device`, `a socket` */
  readonly found: string;

  constructor(path: string, found: string, cause?: unknown) {
    super(`it is ${found}, not a file`, cause === undefined ? undefined : { cause });
    this.path = path;
    this.found = found;
  }
}

/** The file is larger than the reader's limit. */
export class FileTooLarge extends Error {
  readonly code = "FILE_TOO_LARGE";
  readonly path: string;
  readonly bytes: number;
  readonly limitBytes: number;

  constructor(path: string, bytes: number, limitBytes: number) {
    super(`it has ${bytes} bytes, more than ${limitBytes}`);
    this.path = path;
    this.bytes = bytes;
    this.limitBytes = limitBytes;
  }
}

/** Options for opening a file. */
export interface OpenOptions {
  /** Whether symbolic links are followed (default); if not, the system rejects them with `ELOOP`. */
  readonly followLinks?: boolean;
}

/**
 * Opens a file for reading. It is opened without waiting for a writer and checked after opening, so that it cannot be
 * replaced between check and use.
 *
 * @throws {NotRegularFile} for a folder, a named pipe, a device or a socket
 * @throws the system's errors, such as the one for a missing file
 */
export async function openRegularFile(
  path: string,
  { followLinks = true }: OpenOptions = {},
): Promise<FileHandle> {
  // Windows lacks these flags and has no named pipes among its files.
  const flags =
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0));
  const file = await open(path, flags).catch((cause: unknown) => {
    throw (cause as NodeJS.ErrnoException).code === "ENXIO"
      ? new NotRegularFile(path, "a socket", cause)
      : cause;
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NotRegularFile(path, kindOf(found));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a named pipe";
  return found.isSocket() ? "a socket" : "a device";
}

/**
 * Reads a file after checking its size, before anything is allocated. Bytes appended meanwhile are ignored.
 *
 * @throws {FileTooLarge} and what `openRegularFile` throws
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new FileTooLarge(path, size, maxBytes);
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await file.read(bytes, done, size - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

/**
 * Max. bytes of a text that is read at once, unless the caller passes its own limit; V8's strings end at about 512 MB.
 */
export const MAX_TEXT_BYTES: number = 256 * 2 ** 20;

/**
 * Reads a file as UTF-8 text.
 *
 * @throws as `readRegularFile`
 */
export async function readTextFile(path: string, maxBytes: number = MAX_TEXT_BYTES): Promise<string> {
  return (await readRegularFile(path, maxBytes)).toString("utf8");
}
