/**
 * @file Encodes client file names as stored names. Characters that a file system or another program may reject become
 * `%` and two hex digits per byte. Parts that are too long are split into nested folders. All other names stay
 * unchanged.
 *
 * @source RFC 3986, section 2.1 (percent-encoding); learn.microsoft.com/windows/win32/fileio/naming-a-file
 */

/** Maximum length of a part of a path. @source NAME_MAX of common file systems */
const maxPartBytes = 255;
/** Bytes per piece of a long part. The suffix and encoded characters at its ends are added to this. */
const pieceBytes = 230;
/** Suffix of a folder that holds the rest of a long name. Encoded names never contain it, since `%` becomes `%25`. */
const goesOn = "%-";
/** Prefix of files that are being written. */
export const draftPrefix = ".tunewise-draft-";

/** Characters that some file system or the XML of S3 rejects. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern matches control characters to encode them
const otherLetters = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff%:*"<>|?#\\]/gu;
/** Reserved device names on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const digits = /(?:%[0-9A-F]{2})+/g;

/** Encodes a part of a client's path as one name or, if it is long, as the names of nested folders. */
export function storedNames(part: string): readonly [string, ...string[]] {
  const whole = withoutEnds(written(part));
  if (Buffer.byteLength(whole) <= maxPartBytes) return [whole];
  const pieces: string[] = [];
  let [piece, bytes] = ["", 0];
  for (const letter of part) {
    const more = written(letter);
    const moreBytes = Buffer.byteLength(more);
    if (bytes + moreBytes > pieceBytes) {
      pieces.push(withoutEnds(piece + goesOn));
      [piece, bytes] = ["", 0];
    }
    piece += more;
    bytes += moreBytes;
  }
  const [first = "", ...rest] = [...pieces, withoutEnds(piece)];
  return [first, ...rest];
}

function written(text: string): string {
  return text.replace(otherLetters, percent);
}

/** The stored key of a client's path. */
export function storedKey(path: string): string {
  return path === "" ? "" : path.split("/").flatMap(storedNames).join("/");
}

/** Whether a folder holds the rest of a long name. */
export function isContinued(stored: string): boolean {
  return stored.endsWith(goesOn);
}

/**
 * Decodes a client's name from its stored pieces. Names that this encoding did not produce, such as those of other
 * programs' files, are returned unchanged.
 */
export function clientName(pieces: readonly string[]): string {
  const name = pieces.map(readPiece).join("");
  const [stored = "", ...rest] = pieces;
  if (rest.length > 0) return name;
  const [own] = storedNames(name);
  return own === stored || caselessName(own) === stored ? name : stored;
}

function readPiece(stored: string): string {
  const bare = isContinued(stored) ? stored.slice(0, -goesOn.length) : stored;
  return bare.replace(digits, (written) => {
    try {
      return decodeURIComponent(written);
    } catch {
      return written;
    }
  });
}

/** The client's path of a stored key; `null` if this encoding did not produce the key. */
export function clientPath(stored: string): string | null {
  let path = "";
  for (const part of stored.split("/")) path += readPiece(part) + (isContinued(part) ? "" : "/");
  path = path.slice(0, -1);
  return storedKey(path) === stored ? path : null;
}

/**
 * Encodes the capitals of a stored name or, if it has none, its first letter, for case-insensitive file systems. The
 * result decodes to the same client name, and differs from the stored names of both `A` and `a`.
 */
export function caselessName(stored: string): string {
  const pieces = stored.split(/(%[0-9A-F]{2})/);
  const found = pieces.map((piece, at) => (at % 2 === 1 ? piece : piece.replace(/./gsu, caseless))).join("");
  if (found !== stored) return found;
  return pieces.map((piece, at) => (at % 2 === 1 ? piece : piece.replace(/^\p{L}/u, percent))).join("");
}

function caseless(letter: string): string {
  return letter.toLowerCase() === letter ? letter : percent(letter);
}

/** Encodes leading and trailing blanks, a trailing dot (which Windows drops), and reserved names. */
function withoutEnds(name: string): string {
  let found = name.replace(/^\s+|[\s.]$/gu, percent);
  if (found.startsWith(draftPrefix)) found = `%2E${found.slice(1)}`;
  return device.test(found) ? percent(found.slice(0, 1)) + found.slice(1) : found;
}

/** Encodes every byte of a text. */
function percent(text: string): string {
  return Buffer.from(text)
    .toString("hex")
    .toUpperCase()
    .replace(/../g, (byte) => `%${byte}`);
}
