/** @file Streaming detokenization for every tokenizer that has a golden file. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTokenizer } from "./create.ts";
import { compileDecoder } from "./decoder.ts";
import { createTextStream } from "./text-stream.ts";
import type { PartConfig } from "./vendor.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/", import.meta.url);
const names = readdirSync(golden).filter((file) => !["make.py", "conversations.json"].includes(file));
const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The streamed pieces of all tokens, in the order of their ids. */
function piecesOf(config: PartConfig | null, tokens: readonly (string | null)[]): string[] {
  const stream = createTextStream((id) => tokens[id] ?? null, compileDecoder(config));
  return [...tokens.keys()].map((id) => stream.add(id)).concat(stream.end());
}

const llama2: PartConfig = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};

test.each<[string, PartConfig | null, (string | null)[], string[]]>([
  ["words", { type: "ByteLevel" }, ["Hi", "Ġthere", "!"], ["Hi", " there", "!", ""]],
  ["a character in three tokens", { type: "ByteLevel" }, ["ä", "½", "ł"], ["", "", "你", ""]],
  ["text before half a character", { type: "ByteLevel" }, ["aä", "½ł"], ["a", "你", ""]],
  ["broken bytes", { type: "ByteLevel" }, ["ä", "a"], ["", "\ufffda", ""]],
  ["an end in half a character", { type: "ByteLevel" }, ["a", "ä"], ["a", "", "\ufffd"]],
  ["a sign that looks like broken bytes", { type: "ByteLevel" }, ["ï¿½", "a"], ["", "\ufffda", ""]],
  ["tokens that show nothing", { type: "ByteLevel" }, ["a", null, "b"], ["a", "", "b", ""]],
  ["nothing at all", { type: "ByteLevel" }, [], [""]],
  ["Llama 2: blanks, the first one dropped", llama2, ["▁Hi", "▁▁", "▁you"], ["Hi", "  ", " you", ""]],
  [
    "Llama 2: bytes wait for the end of their run",
    llama2,
    ["▁", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>", "▁x"],
    ["", "", "", "", "", "😀 x", ""],
  ],
  ["Llama 2: bytes that are no text", llama2, ["<0xF0>", "<0x9F>", "b"], ["", "", "\ufffd\ufffdb", ""]],
  [
    "WordPiece",
    { type: "WordPiece", prefix: "##", cleanup: false },
    ["play", "##ing", "it"],
    ["play", "ing", " it", ""],
  ],
  ["no decoder", null, ["a", "b"], ["a", " b", ""]],
])("%s", (_, config, tokens, pieces) => {
  expect(piecesOf(config, tokens)).toEqual(pieces);
});

test("of broken bytes without end only a few tokens are looked at again", () => {
  let most = 0;
  const decode = compileDecoder({ type: "ByteLevel" });
  const stream = createTextStream(
    () => "ä",
    (tokens) => {
      most = Math.max(most, tokens.length);
      return decode(tokens);
    },
  );
  const pieces = Array.from({ length: 500 }, () => stream.add(0));
  expect(pieces.join("") + stream.end()).toBe("\ufffd".repeat(500));
  expect(most).toBeLessThan(20);
});

describe.each(names)("%s", (name) => {
  const { tokenizer: json, config, texts } = JSON.parse(readFileSync(new URL(name, golden), "utf8"));
  const tokenizer = createTokenizer({ tokenizer: json, config, chatTemplate: null, endIds: [] });

  function check(ids: readonly number[]): void {
    const stream = tokenizer.stream();
    const pieces = ids.map((id) => stream.add(id));
    for (const piece of pieces) expect(lone.test(piece)).toBe(false);
    expect(pieces.concat(stream.end()).join("")).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }));
  }

  test("pieces of its golden texts are the text", () => {
    for (const [, ids] of texts as [string, number[]][]) check(ids);
  });

  test("and so are pieces of whatever ids come", () => {
    const id = fc.nat(tokenizer.vocabularySize - 1);
    const low = fc.nat(Math.min(300, tokenizer.vocabularySize - 1)); // the ids of byte tokens
    fc.assert(fc.property(fc.array(fc.oneof(id, low), { maxLength: 40 }), check));
  });
});
