/** @file Tests marks of trained tokens, visible white space, and the tokens block in Markdown and HTML. */
import { expect, test } from "vitest";
import { type Document, section, type TokenSpan } from "./document.ts";
import { documentHtml } from "./html.ts";
import { documentMarkdown } from "./markdown.ts";
import { markedText, runsOf, visibleSpace } from "./token-text.ts";

const token = (text: string, style: Partial<TokenSpan> = {}): TokenSpan => ({
  text,
  isTrained: false,
  isSpecial: false,
  isCut: false,
  ...style,
});
const end = token("<end>", { isTrained: true, isSpecial: true });
const answer = [token("ask "), token("An", { isTrained: true }), token("swer", { isTrained: true }), end];

test("tokens of one style are joined, and trained runs are marked once", () => {
  expect(runsOf(answer).map(({ text }) => text)).toEqual(["ask ", "Answer", "<end>"]);
  expect(markedText(answer)).toBe("ask ⟦Answer<end>⟧");
  expect(markedText([...answer, token("\n")])).toBe("ask ⟦Answer<end>⟧\n");
});

test("the cut is marked, and ends the trained part", () => {
  expect(markedText([token("a", { isTrained: true }), token("b", { isTrained: true, isCut: true })])).toBe(
    "⟦a⟧✂b",
  );
});

const inText = { before: false, after: false };
test.each<[string, { before: boolean; after: boolean }, string]>([
  ["a b", inText, "a b"],
  [" a ", inText, " a "],
  [" a ", { before: true, after: true }, "␣a␣"],
  [" ", { before: false, after: true }, "␣"],
  [" ", { before: true, after: false }, "␣"],
  [" ", inText, " "],
  ["a  b", inText, "a␣␣b"],
  ["a \n b", inText, "a␣⏎\n␣b"],
  ["\ta\u00a0b\r\n", inText, "⇥a⍽b␍⏎\n"],
  ["\u202eb", inText, "\\u{202e}b"],
])("%j with %j is shown as %j", (text, isEdge, shown) => {
  expect(visibleSpace(text, isEdge)).toBe(shown);
});

test("HTML styles tokens and escapes them, Markdown marks them", () => {
  const document: Document = {
    name: "rows",
    about: "",
    verdict: { title: "t", sentence: "s", tone: "good" },
    action: null,
    tiles: [],
    sections: [section("Tokens", { kind: "tokens", tokens: answer })],
    folded: [],
  };
  const page = documentHtml(document);
  expect(page).toContain('<span class="trained">An</span>');
  expect(page).toContain('<span class="trained special">&lt;end&gt;</span>');
  expect(documentMarkdown(document)).toContain("```text\nask ⟦Answer<end>⟧\n```");
});
