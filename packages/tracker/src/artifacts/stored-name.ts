/**
 * @file The names under which files lie in a store, for names that clients give them. A client may name a file as it
 * likes; file systems and other programs may not take each letter, so those are written as `%` and two digits for each
 * byte, and a part that is too long is cut into folders. Names without such letters stay as they are.
 *
 * @source RFC 3986, section 2.1 (percent-encoding); learn.microsoft.com/windows/win32/fileio/naming-a-file
 */

/** Longest part of a path. @source NAME_MAX of common file systems */
const maxPartBytes = 255;
/** Bytes of a piece of a longer part: what marks it, and letters at its ends, come on top. */
const pieceBytes = 230;
/** Ends the name of a folder that holds the rest of a longer name. No name is written with it: `%` becomes `%25`. */
const goesOn = "%-";
/** Begins the names of files that are being written. */
export const draftPrefix = ".tunewise-draft-";

/** Letters that some file system or the XML of buckets does not take. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are written as digits
const otherLetters = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff%:*"<>|?#\\]/gu;
/** Names of devices on Windows, with whatever ending. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const digits = /(?:%[0-9A-F]{2})+/g;

/** A part of a client's path as the names of one or, where it is long, several folders in each other. */
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

/** A key of the store for a client's path. */
export function storedKey(path: string): string {
  return path === "" ? "" : path.split("/").flatMap(storedNames).join("/");
}

/** Whether a folder's name is the beginning of a longer name, whose rest lies in the folder. */
export function isContinued(stored: string): boolean {
  return stored.endsWith(goesOn);
}

/**
 * A client's name for the stored ones of its pieces. What this codec did not write, as files that other programs put
 * there, is its own name.
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

/** A client's path for a key of the store; `null` where that is none which this codec writes. */
export function clientPath(stored: string): string | null {
  let path = "";
  for (const part of stored.split("/")) path += readPiece(part) + (isContinued(part) ? "" : "/");
  path = path.slice(0, -1);
  return storedKey(path) === stored ? path : null;
}

/**
 * The same name without capitals, and with its first letter in digits where it has none: for file systems that take `A`
 * and `a` for one name. It is read back as the same client's name, and differs from that of `A` and of `a`.
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

/** Blanks at either end and a dot at the end, which Windows drops, and names that mean something else. */
function withoutEnds(name: string): string {
  let found = name.replace(/^\s+|[\s.]$/gu, percent);
  if (found.startsWith(draftPrefix)) found = `%2E${found.slice(1)}`;
  return device.test(found) ? percent(found.slice(0, 1)) + found.slice(1) : found;
}

/** Every byte of a text as digits, whatever letter it is. */
function percent(text: string): string {
  return Buffer.from(text)
    .toString("hex")
    .toUpperCase()
    .replace(/../g, (byte) => `%${byte}`);
}
