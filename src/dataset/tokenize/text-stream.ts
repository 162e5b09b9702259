/**
 * @file Tokens to text as they come: never half a character, and in the end what decoding all of them at once gives.
 */
import type { TextStream } from "../tokenizer.ts";

/** What broken UTF-8 becomes, and so does a character whose last bytes are still to come. */
const replacement = "\ufffd";

/** Tokens that are looked back at: more than a character has bytes. */
const lookBack = 8;

/**
 * A stream over a decoder. A few tokens before the new ones are decoded again each time, since what a token reads as
 * depends on its neighbors: leading blanks, bytes of one character.
 *
 * @param tokenOf `null` for ids that show nothing
 */
export function createTextStream(
  tokenOf: (id: number) => string | null,
  decode: (tokens: string[]) => string,
): TextStream {
  let tokens: string[] = [];
  /** What the text of `tokens` begins with and has been given out, or would have been. */
  let shown = "";

  const show = (text: string, whole: string): string => {
    if (!text.startsWith(shown)) return "";
    const piece = text.slice(shown.length);
    shown = text;
    if (text === whole) {
      tokens = tokens.slice(-1);
      shown = decode(tokens);
    } else if (tokens.length > 2 * lookBack) {
      tokens = tokens.slice(-lookBack);
      shown = decode(tokens).slice(0, -replacement.length);
    }
    return piece;
  };

  return {
    add(id): string {
      const token = tokenOf(id);
      if (token === null) return "";
      tokens.push(token);
      // whether a run of bytes is text shows at its end
      if (/^<0x[0-9A-Fa-f]{2}>$/.test(token)) return "";
      const text = decode(tokens);
      return show(text.endsWith(replacement) ? text.slice(0, -replacement.length) : text, text);
    },
    end(): string {
      const text = decode(tokens);
      return show(text, text);
    },
  };
}
