/**
 * @file JSON of others: looked over before it is parsed, since a small text can become a large value, and one that is
 * nested without end takes the parser far longer than its size says.
 */

/** Deepest nesting that is parsed; rows and configurations have below ten. */
export const MAX_JSON_DEPTH = 1_000;
/** Most lists and objects of one text; each takes about sixty bytes, whatever it holds. */
export const MAX_JSON_PARTS = 8_000_000;

/**
 * The value of a text.
 *
 * @throws {SyntaxError} for a text that is no JSON, nests too deep or has too many parts
 */
export function parseJson(text: string): unknown {
  // Shorter texts can be neither too deep nor of too many parts.
  if (text.length > MAX_JSON_DEPTH) demandBounded(text);
  return JSON.parse(text);
}

function demandBounded(text: string): void {
  let [depth, parts] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a string, in which brackets are none
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

/** Index of the quote that ends a string; the text's length where none does. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
