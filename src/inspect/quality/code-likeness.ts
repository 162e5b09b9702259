/** @file Whether a text is code or markup, where braces, backslashes and entities are literal. */

/** Patterns that prose does not use. */
const signs: readonly RegExp[] = [
  /```|[;{]\s{0,8}\n|\w\(\w{0,40}\)|=>|==|\w\s?=\s?["'\w]/,
  /<\/?[a-z][^<>\n]{0,80}>|\\[a-z]{1,40}\{/i,
  /\bdef \w|\bimport \w|\bselect\b.{0,200}\bfrom\b/i,
];

/** Based on the first few thousand characters. */
export function looksLikeCode(text: string): boolean {
  const read = text.slice(0, 4_000);
  return signs.some((sign) => sign.test(read));
}
