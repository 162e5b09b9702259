/**
 * @file Word tokenization for any script: lowercase runs of letters, marks and digits, and character bigrams in
 *   scripts without spaces.
 */

/** Scripts that write words without spaces between them. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
const runs =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+|[^\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+/gu;

/** ASCII needs neither full case mapping nor Unicode tables. */
const plain = /^[\0-\x7f]*$/;

/**
 * Splits a text into words; compatibility forms (full-width letters, ligatures) are normalized (NFKC).
 *
 * Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese yield overlapping character bigrams, so that no
 * dictionary is needed: a single character yields itself.
 *
 * @source apache/lucene lucene/analysis/common/src/java/org/apache/lucene/analysis/cjk/CJKBigramFilter.java (pairs)
 */
export function wordsOf(text: string): string[] {
  if (plain.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const found =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
  const words: string[] = [];
  for (const word of found) {
    if (unspaced.test(word)) addParts(word, words);
    else words.push(word);
  }
  return words;
}

/** Approximate number of words that a reader would count: two characters of a script without spaces make one. */
export function countWords(text: string): number {
  let count = 0;
  for (const [word] of text.matchAll(/\S+/g)) {
    count += unspaced.test(word) ? Math.max(1, Math.round([...word].length / 2)) : 1;
  }
  return count;
}

/** Splits `iPhone手機殼` into `iphone`, `手機`, `機殼`. */
function addParts(word: string, into: string[]): void {
  for (const [run] of word.matchAll(runs)) {
    if (!unspaced.test(run)) {
      into.push(run);
      continue;
    }
    const characters = [...run];
    if (characters.length === 1) into.push(run);
    for (let at = 1; at < characters.length; at++) into.push(`${characters[at - 1]}${characters[at]}`);
  }
}
