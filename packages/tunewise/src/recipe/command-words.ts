/** @file Splits a command into words as a shell does, without any other shell syntax. */

/** Max. words of a command. */
const maxWords = 200;

/**
 * Splits a command at spaces, with `'...'`, `"..."` and `\` as in a shell. Variables, patterns, pipes and substitutions
 * are not supported: their characters are literal.
 *
 * @returns `null` if a quote is not closed, or if there are too many words
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
  return quote !== null || words.length > maxWords ? null : words;
}

/** Within double quotes, a backslash is literal unless it precedes one of these characters. */
function isEscaped(next: string, quote: string | null): boolean {
  return quote === null || /["\\$`]/.test(next);
}
