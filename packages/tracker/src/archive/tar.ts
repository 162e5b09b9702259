/**
 * @file The subset of tar used by archives: regular files whose headers depend only on name and size. A header with any
 * changed bit is therefore detected.
 *
 * @source POSIX.1-2017, pax: ustar interchange format and extended headers
 */

/** Size of a header block; contents are padded to a multiple of it. */
export const blockBytes = 512;

/** Placeholder name in the plain header of a file whose real name is in the extended header. */
const standIn = "pax";
/** Maximum size and name length that a plain header can hold. */
const maxPlainSize = 8 ** 11 - 1;
const maxPlainName = 100;
/** Maximum size of an extended header: a name of 4 kB and a size. */
const maxExtendedBytes = 8192;

/** The header bytes of a file. */
export function headerOf(name: string, bytes: number): Buffer {
  const isPlain = /^[ -~]+$/.test(name) && name.length <= maxPlainName && bytes <= maxPlainSize;
  if (isPlain) return block(name, bytes, "0");
  const records = Buffer.from(recordOf("path", name) + recordOf("size", String(bytes)));
  return Buffer.concat([
    block(standIn, records.length, "x"),
    records,
    Buffer.alloc(paddingOf(records.length)),
    block(standIn, Math.min(bytes, maxPlainSize), "0"),
  ]);
}

/** Number of zero bytes after the content. */
export function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** End-of-archive marker. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

/** A file in an archive. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
  /** Offset of its content. */
  readonly at: number;
  /** Offset of the next header. */
  readonly next: number;
}

/** Reads bytes at an offset; returns fewer at the end of the file. */
export type ReadAt = (at: number, bytes: number) => Promise<Buffer>;

/** Thrown for an invalid archive; the message says what is wrong. */
export class NotAnArchive extends Error {}

/**
 * The file whose header is at an offset; `null` at the end of the archive.
 *
 * @param total bytes of the archive
 * @throws {NotAnArchive} if the header is invalid, or the content would extend beyond the end
 */
export async function readEntry(read: ReadAt, at: number, total: number): Promise<TarEntry | null> {
  const first = await read(at, blockBytes);
  if (first.length === blockBytes && first.every((byte) => byte === 0)) {
    const rest = await read(at, tarEnd.length + 1);
    if (!rest.equals(tarEnd)) throw new NotAnArchive("something follows its end");
    return null;
  }
  const { name, bytes, headerBytes } = await readHeader(read, at, first);
  const written = await read(at, headerBytes);
  if (!written.equals(headerOf(name, bytes))) throw new NotAnArchive(`the header at byte ${at} is damaged`);
  const next = at + headerBytes + bytes + paddingOf(bytes);
  if (next > total) throw new NotAnArchive("it ends too early");
  const padding = await read(next - paddingOf(bytes), paddingOf(bytes));
  if (padding.some((byte) => byte !== 0)) throw new NotAnArchive(`byte ${next} is preceded by no zeros`);
  return { name, bytes, at: at + headerBytes, next };
}

async function readHeader(
  read: ReadAt,
  at: number,
  first: Buffer,
): Promise<{ name: string; bytes: number; headerBytes: number }> {
  const size = Number.parseInt(first.toString("latin1", 124, 135), 8);
  if (first.length < blockBytes || !Number.isSafeInteger(size) || size < 0) {
    throw new NotAnArchive(`there is no header at byte ${at}`);
  }
  if (first.toString("latin1", 156, 157) !== "x") {
    return { name: textIn(first, 0, maxPlainName), bytes: size, headerBytes: blockBytes };
  }
  if (size > maxExtendedBytes) throw new NotAnArchive(`the header at byte ${at} is too long`);
  const records = (await read(at + blockBytes, size)).toString("utf8");
  const [, name, bytes] = /^\d+ path=([^\n]+)\n\d+ size=(\d{1,16})\n$/.exec(records) ?? [];
  if (name === undefined || !Number.isSafeInteger(Number(bytes))) {
    throw new NotAnArchive(`the header at byte ${at} is damaged`);
  }
  return { name, bytes: Number(bytes), headerBytes: 2 * blockBytes + size + paddingOf(size) };
}

function textIn(buffer: Buffer, from: number, bytes: number): string {
  const field = buffer.subarray(from, from + bytes);
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end < 0 ? bytes : end);
}

/** A header with fixed owner, time and mode (readable by the owner only). */
function block(name: string, bytes: number, kind: "0" | "x"): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  const write = (text: string, at: number): void => void header.write(text, at, "latin1");
  write(name, 0);
  write(octal(0o600, 7), 100);
  write(octal(0, 7), 108);
  write(octal(0, 7), 116);
  write(octal(bytes, 11), 124);
  write(octal(0, 11), 136);
  write(" ".repeat(8), 148);
  write(kind, 156);
  write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(`${octal(sum, 6)} `, 148);
  return header;
}

/** A pax record, `LENGTH KEY=VALUE`; the length includes its own digits. */
function recordOf(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length++;
  return `${length} ${key}=${value}\n`;
}
