/** @file Inner quotes of f-strings become ones that the grammar can read; everything else is unchanged. */
import { expect, test } from "vitest";
import { readableQuotes } from "./python-quotes.ts";

test.each([
  ["f'a {', '.join(b)} c'", "f'a {\", \".join(b)} c'"],
  ['x = f"{d["k"]} and {e["l"]}"', "x = f\"{d['k']} and {e['l']}\""],
  ["f'{a}' + 'b' # f'{'x'}'", "f'{a}' + 'b' # f'{'x'}'"],
  ["f'{a['\"']}'", "f'{a['\"']}'"],
  ["f'{{' + x + '}}'", "f'{{' + x + '}}'"],
  ["f'{' + x", "f'{' + x"],
  ["'f' 'it' f'{b!r:>{w}}'", "'f' 'it' f'{b!r:>{w}}'"],
  ["f'''{a['k']}'''", "f'''{a['k']}'''"],
])("%s", (text, readable) => {
  expect(readableQuotes(text)).toBe(readable);
  expect(readableQuotes(text)).toHaveLength(text.length);
});
