/** @file Patterns and quotes of texts: the first match, a short quote, and recognition of code. */

/** Patterns that prose does not use. In code and markup, braces, backslashes and entities are literal. */
const signs: readonly RegExp[] = [
  /```|[;{]\s{0,8}\n|\w\(\w{0,40}\)|=>|==|\w\s?=\s?["'\w]/,
  /<\/?[a-z][^<>\n]{0,80}>|\\[a-z]{1,40}\{/i,
  /\bdef \w|\bimport \w|\bselect\b.{0,200}\bfrom\b/i,
];

/** Whether a text looks like code, based on its first few thousand characters. */
export function looksLikeCode(text: string): boolean {
  const read = text.slice(0, 4_000);
  return signs.some((sign) => sign.test(read));
}

/** A short quote of a row on a single line, for use in a reason. */
export function quoted(text: string): string {
  const line = text.replace(/\s{1,1000}/g, " ").trim();
  return `"${line.length > 40 ? `${line.slice(0, 40)}...` : line}"`;
}

/** The match of the first pattern that matches. */
export function firstMatch(patterns: readonly RegExp[], text: string): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
