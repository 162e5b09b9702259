/**
 * @file Parses untrusted JSON after checking its structure: a small text can become a large value, and deep nesting
 * makes parsing much slower than the size suggests.
 */

/** Max. nesting depth; rows and configurations have less than ten levels. */
export const MAX_JSON_DEPTH = 1_000;
/** Max. number of lists and objects in one text; each takes about sixty bytes, whatever it contains. */
export const MAX_JSON_PARTS = 8_000_000;

/**
 * Parses a text.
 *
 * @throws {SyntaxError} if the text is not valid JSON, nests too deeply or has too many lists and objects
 */
export function parseJson(text: string): unknown {
  // Shorter texts cannot exceed either limit.
  if (text.length > MAX_JSON_DEPTH) requireBounded(text);
  return JSON.parse(text);
}

function requireBounded(text: string): void {
  let [depth, parts] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // skip strings, whose brackets do not count
        at = endOfString(text, at + 1);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > MAX_JSON_DEPTH) throw new SyntaxError(`it nests deeper than ${MAX_JSON_DEPTH} levels`);
        if (++parts > MAX_JSON_PARTS)
          throw new SyntaxError(`it has more than ${MAX_JSON_PARTS} lists and objects`);
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
}

/** Index of the quote that ends a string, or the text's length if it is unterminated. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
