/**
 * @file Whether a text is code or markup, where braces, backslashes and entities mean themselves.
 */

/** Signs that prose has no use for. */
const signs = new RegExp(
  [
    "```|[;{]\\s{0,8}\\n|\\w\\(\\w{0,40}\\)|=>|==|\\w\\s?=\\s?[\"'\\w]",
    "</?[a-z][^<>\\n]{0,80}>|\\\\[a-z]{1,40}\\{",
    "\\bdef \\w|\\bimport \\w|\\bselect\\b.{0,200}\\bfrom\\b",
  ].join("|"),
  "i",
);

/** Judged on the first few thousand characters. */
export function looksLikeCode(text: string): boolean {
  return signs.test(text.slice(0, 4_000));
}
