/** @file A command as words, split as a shell splits them, and nothing else of a shell. */

/** Most words of a command. */
const wordsMost = 200;

/**
 * The words of a command: divided by spaces, with `'...'`, `"..."` and `\` as in a shell. Variables, patterns, pipes
 * and substitutions are none: their signs are letters like all others.
 *
 * @returns `null` where a quote is not closed, or the words are too many
 * @example commandWords("semgrep --config 'my rules' {folder}") // ["semgrep", "--config", "my rules", "{folder}"]
 * @source POSIX.1-2017, Shell Command Language, section 2.2 (quoting)
 */
export function commandWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    const next = text[at + 1];
    if (quote === null && /\s/.test(sign)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === null && (sign === "'" || sign === '"')) {
      [quote, word] = [sign, word ?? ""];
    } else if (sign === quote) {
      quote = null;
    } else if (sign === "\\" && quote !== "'" && next !== undefined && isEscaped(next, quote)) {
      word = `${word ?? ""}${next}`;
      at++;
    } else {
      word = `${word ?? ""}${sign}`;
    }
  }
  if (word !== null) words.push(word);
  return quote !== null || words.length > wordsMost ? null : words;
}

/** Within double quotes a backslash stands for itself unless it protects one of these. */
function isEscaped(next: string, quote: string | null): boolean {
  return quote === null || /["\\$`]/.test(next);
}
