/**
 * @file Streaming detokenization: never emits half a character, and yields the same text as decoding all tokens at
 * once.
 */
import type { TextStream } from "./tokenizer.ts";

/** Replacement of invalid UTF-8, and of a character whose last bytes are still missing. */
const replacement = "\ufffd";

/** Number of tokens decoded again, more than the bytes of a character. */
const lookBack = 8;

/**
 * Creates a stream over a decoder. The last few tokens are decoded again each time, since the text of a token depends
 * on its neighbors: leading spaces, bytes of a character.
 *
 * @param tokenOf returns `null` for ids without text
 */
export function createTextStream(
  tokenOf: (id: number) => string | null,
  decode: (tokens: string[]) => string,
): TextStream {
  let tokens: string[] = [];
  /** The prefix of the text of `tokens` that has been emitted, or would have been. */
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
      // whether a run of bytes is valid text is not known until it ends
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
