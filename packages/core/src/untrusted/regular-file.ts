/**
 * @file The one door through which files are opened for reading. A named pipe, a device or a socket in a file's place
 * would block its reader or never end, so that whatever is no regular file is refused.
 */

import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Something in a file's place that is none. */
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

/** A file that is larger than its reader takes. */
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

/** How a file is opened. */
export interface OpenOptions {
  /** Whether a link leads to what it names; otherwise the system refuses it with `ELOOP`. Default: it does. */
  readonly followLinks?: boolean;
}

/**
 * Opens a file for reading. It is opened without waiting for a writer and looked at once it is open, so that nothing
 * can take its place in between.
 *
 * @throws {NotRegularFile} for a folder, a named pipe, a device or a socket
 * @throws the system's errors, such as the one for a file that is not there
 */
export async function openRegularFile(
  path: string,
  { followLinks = true }: OpenOptions = {},
): Promise<FileHandle> {
  // Windows has no such flag, and no named pipes among its files.
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
 * The bytes of a file, its size looked at before anything is allocated; what is appended meanwhile is left out.
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

/** Largest text read whole where its reader names no limit of its own, in bytes; V8's strings end at about 512 MB. */
export const MAX_TEXT_BYTES: number = 256 * 2 ** 20;

/**
 * A file's text.
 *
 * @throws as `readRegularFile`
 */
export async function readTextFile(path: string, maxBytes: number = MAX_TEXT_BYTES): Promise<string> {
  return (await readRegularFile(path, maxBytes)).toString("utf8");
}
