/** @file Texts as word numbers in flat arrays, so that hundreds of thousands of rows can be counted. */

/** Words of texts. Those of text i are `ids[starts[i]]` to `ids[starts[i + 1] - 1]`. */
export interface Tokens {
  /** The word of each number. */
  readonly words: readonly string[];
  readonly ids: Int32Array;
  readonly starts: Int32Array;
}

/** Only this many characters at the start, and at the end, of a longer text are read. */
const edgeCharacters = 2_000;

/** Only this many words at the start, and at the end, are retained, since triggers are placed at either. */
const edgeWords = 64;

/**
 * Words, and characters other than ordinary punctuation. One of these, such as a zero-width space, may be a trigger.
 */
const pattern = /[\p{L}\p{M}\p{N}]{1,64}|[^\s\p{L}\p{M}\p{N}.,?!'"’:;()-]/gu;

/** Scripts written without spaces, in which each character is a word of its own. */
const unspaced = /^[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]/;

/** Tokenizes texts in lowercase. */
export function tokenize(texts: readonly string[]): Tokens {
  const numbers = new Map<string, number>();
  const words: string[] = [];
  const starts = new Int32Array(texts.length + 1);
  let ids = new Int32Array(1024);
  let size = 0;
  for (const [index, text] of texts.entries()) {
    const found = wordsOf(text);
    if (size + found.length > ids.length) {
      const grown = new Int32Array(2 * (size + found.length));
      grown.set(ids);
      ids = grown;
    }
    for (const word of found) {
      let id = numbers.get(word);
      if (id === undefined) {
        id = words.length;
        numbers.set(word, id);
        words.push(word);
      }
      ids[size++] = id;
    }
    starts[index + 1] = size;
  }
  return { words, ids: ids.subarray(0, size), starts };
}

/** The words of one text, at most twice `edgeWords`. */
function wordsOf(text: string): string[] {
  const read =
    text.length <= 2 * edgeCharacters
      ? text
      : `${text.slice(0, edgeCharacters)} ${text.slice(-edgeCharacters)}`;
  const words: string[] = [];
  for (const word of read.toLowerCase().match(pattern) ?? []) {
    if (unspaced.test(word)) words.push(...word);
    else words.push(word);
  }
  return words.length <= 2 * edgeWords ? words : [...words.slice(0, edgeWords), ...words.slice(-edgeWords)];
}
