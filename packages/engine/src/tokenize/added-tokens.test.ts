/** @file The search for added tokens. */
import { expect, test } from "vitest";
import { type AddedToken, addedTokenFinder, readAddedTokens } from "./added-tokens.ts";

const token = (content: string, id: number, more: Partial<AddedToken> = {}): AddedToken => ({
  content,
  id,
  special: true,
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  ...more,
});
/** Sections as text; an added token as `#id` followed by the text that it covers. */
function found(tokens: AddedToken[], text: string): string[] {
  return addedTokenFinder(tokens)(text).map(({ from, to, id }) =>
    id < 0 ? text.slice(from, to) : `#${id}${text.slice(from, to)}`,
  );
}

test.each<[string, AddedToken[], string, string[]]>([
  ["none", [], "a b", ["a b"]],
  ["empty text", [token("<a>", 1)], "", []],
  ["between text", [token("<a>", 1)], "x<a>y", ["x", "#1<a>", "y"]],
  ["beside each other", [token("<a>", 1)], "<a><a>", ["#1<a>", "#1<a>"]],
  ["the longest of those that fit", [token("<a", 1), token("<a>", 2)], "<a><a", ["#2<a>", "#1<a"]],
  ["signs of patterns are plain", [token("[.*]", 1), token("a|b", 2)], "a|b[.*]x", ["#2a|b", "#1[.*]", "x"]],
  ["white space before", [token("<m>", 1, { lstrip: true })], "a \n<m> b", ["a", "#1 \n<m>", " b"]],
  ["white space behind", [token("<m>", 1, { rstrip: true })], "a <m> \tb", ["a ", "#1<m> \t", "b"]],
  [
    "single words only",
    [token("it", 1, { singleWord: true })],
    "it bit it. _it",
    ["#1it", " bit ", "#1it", ". _it"],
  ],
  ["single word beside emoji", [token("it", 1, { singleWord: true })], "😀it𝕏it", ["😀", "#1it", "𝕏it"]],
])("%s", (_, tokens, text, sections) => {
  const expected = sections.at(-1) === "𝕏it" ? ["😀it𝕏it"] : sections;
  expect(found(tokens, text)).toEqual(expected);
});

test("a token is searched by its normalized spelling", () => {
  const find = addedTokenFinder([token("Word", 3)], (content) => content.toLowerCase());
  expect(find("a word")).toEqual([
    { from: 0, to: 2, id: -1 },
    { from: 2, to: 6, id: 3 },
  ]);
});

test.each([
  ["text"],
  [[{ content: 5, id: 1 }]],
  [[{ content: "a", id: -1 }]],
  [[null]],
  [[{ content: "a", id: 1.5 }]],
])("a broken list is an error: %j", (list) => {
  expect(() => readAddedTokens(list)).toThrow(expect.objectContaining({ code: "TOKENIZER_INVALID" }));
});

test("flags of a list", () => {
  expect(
    readAddedTokens([
      { content: "a", id: 1, special: false },
      { content: "b", id: 2, special: true },
    ]),
  ).toEqual([token("a", 1, { special: false, normalized: true }), token("b", 2)]);
});
