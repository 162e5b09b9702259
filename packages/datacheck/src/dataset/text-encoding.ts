/** @file Detects the character encoding of a text file and converts it to UTF-8. */
import { isUtf8 } from "node:buffer";

/** Supported encodings, named as in the WHATWG Encoding standard. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Bytes at the start of a file used to detect its encoding. */
export const MAX_ENCODING_SAMPLE_BYTES: number = 4 * 2 ** 20;

/**
 * Detects the encoding of a file by its byte order mark, otherwise by the pattern of zero bytes (UTF-16). The default
 * is UTF-8.
 *
 * @param sample first bytes of the file
 * @param legacy whether to consider Windows-1252, which spreadsheets write
 * @source WHATWG Encoding, section 6.1 (byte order marks); RFC 2781, section 4.3 (text without one)
 */
export function detectEncoding(sample: Uint8Array, legacy: boolean): TextEncoding {
  const [first, second] = sample;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const unmarked = unmarkedUtf16(sample);
  if (unmarked !== null) return unmarked;
  return legacy && looksLikeWindows1252(sample) ? "windows-1252" : "utf-8";
}

/** Bytes checked for zeros; Latin text in UTF-16 has many. */
const zerosCounted = 4_096;

/** UTF-16 text with Latin letters, digits or separators has a zero in many byte pairs, always on the same side. */
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
 * Whether the non-ASCII bytes are Windows-1252: all are defined in it, and none starts a valid UTF-8 sequence. A
 * damaged UTF-8 file would contain many such sequences.
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

/** Bytes without a character in Windows-1252. @source unicode.org Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT */
const undefinedIn1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Converts chunks of a file to UTF-8; UTF-8 passes through unchanged. */
interface Utf8Chunks {
  next(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** Creates a streaming converter, since a character may span two chunks. */
export function utf8Chunks(encoding: TextEncoding): Utf8Chunks {
  if (encoding === "utf-8") return { next: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const decoder = new TextDecoder(encoding);
  return {
    next: (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }), "utf8"),
    end: () => Buffer.from(decoder.decode(), "utf8"),
  };
}
