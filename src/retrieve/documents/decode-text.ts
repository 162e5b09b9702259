/** @file Decodes text files: UTF-8, UTF-16 with a byte order mark, or the charset that an HTML page declares. */
import { isUtf8 } from "node:buffer";

/** Number of bytes in which a page may declare its charset. */
const headBytes = 1024;

/**
 * Decodes bytes, or returns `null` if no known encoding fits.
 *
 * @param mayDeclare whether a `charset` in the first bytes is used
 * @source WHATWG HTML standard, 13.2.3.2 "Determining the character encoding": mark first, then what is declared
 *   within 1,024 bytes
 */
export function decodeText(bytes: Uint8Array, mayDeclare: boolean): string | null {
  const marked = encodingOfMark(bytes);
  if (marked !== null) return decodeAs(marked, bytes);
  if (isUtf8(bytes)) return decodeAs("utf-8", bytes);
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString("latin1");
  const declared = /charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})/i.exec(head)?.[1];
  return mayDeclare && declared !== undefined ? decodeAs(declared, bytes) : null;
}

/** Whether the bytes are not text; UTF-16 is recognized by its byte order mark. */
export function isBinary(bytes: Uint8Array): boolean {
  return encodingOfMark(bytes) === null && bytes.subarray(0, 8 * headBytes).includes(0);
}

function encodingOfMark(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function decodeAs(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null; // unknown encoding, or bytes that are invalid in it
  }
}
