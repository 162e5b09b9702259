/**
 * @file In which character encoding a text file is written, told from its first bytes; and its text as UTF-8.
 */
import { isUtf8 } from "node:buffer";

/** Encodings that data files come in; the names are those of the WHATWG Encoding standard. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Bytes at the start of a file that its encoding is told from. */
export const MAX_ENCODING_SAMPLE_BYTES: number = 4 * 2 ** 20;

/**
 * The encoding of a file: by its byte order mark, else by how zero bytes lie (UTF-16), else UTF-8.
 *
 * @param sample first bytes of the file
 * @param legacy whether bytes that are no UTF-8 may be those of Windows-1252, as spreadsheets write tables
 * @source WHATWG Encoding, section 6.1 (byte order marks); RFC 2781, section 4.3 (text without one)
 */
export function tellEncoding(sample: Uint8Array, legacy: boolean): TextEncoding {
  const [first, second] = sample;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const unmarked = unmarkedUtf16(sample);
  if (unmarked !== null) return unmarked;
  return legacy && looksLikeWindows1252(sample) ? "windows-1252" : "utf-8";
}

/** Bytes of which zeros are counted; Latin text in UTF-16 shows itself at once. */
const zerosCounted = 4_096;

/** Text with Latin letters, digits or separators in UTF-16 has a zero in many of its pairs, always on one side. */
function unmarkedUtf16(sample: Uint8Array): "utf-16le" | "utf-16be" | null {
  const end = Math.min(sample.length, zerosCounted) & ~1;
  if (end < 4) return null;
  const zeros: [number, number] = [0, 0];
  for (let at = 0; at < end; at++) if (sample[at] === 0) zeros[at & 1 ? 1 : 0]++;
  const pairs = end / 2;
  if (zeros[1] > 0.4 * pairs && zeros[0] < 0.05 * pairs) return "utf-16le";
  if (zeros[0] > 0.4 * pairs && zeros[1] < 0.05 * pairs) return "utf-16be";
  return null;
}

/**
 * Whether bytes beyond ASCII are text in Windows-1252: all of them characters there, and none of them the beginning of
 * a UTF-8 sequence, of which a damaged UTF-8 file would have many.
 */
function looksLikeWindows1252(sample: Uint8Array): boolean {
  let beyond = 0;
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at] as number;
    if (byte < 0x80) continue;
    if (undefinedIn1252.has(byte)) return false;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    if (length > 1 && at + length <= sample.length && isUtf8(sample.subarray(at, at + length))) return false;
    beyond++;
  }
  return beyond > 0;
}

/** Bytes that Windows-1252 gives no character. @source unicode.org Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT */
const undefinedIn1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Turns chunks of a file into chunks of UTF-8; those of UTF-8 itself pass as they are. */
export interface Utf8Chunks {
  next(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** For files read piece by piece: a character may lie in two pieces. */
export function utf8Chunks(encoding: TextEncoding): Utf8Chunks {
  if (encoding === "utf-8") return { next: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const decoder = new TextDecoder(encoding);
  return {
    next: (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }), "utf8"),
    end: () => Buffer.from(decoder.decode(), "utf8"),
  };
}
