/** @file Decoders; expected values are from the Rust library. */
import { expect, test } from "vitest";
import { compileDecoder } from "./decoder.ts";
import type { PartConfig } from "./vendor.ts";

test.each<[string, PartConfig | null, string[], string]>([
  ["none", null, ["a", "b"], "a b"],
  ["byte letters", { type: "ByteLevel" }, ["Ġa", "Ã©"], " aé"],
  ["a character in two tokens", { type: "ByteLevel" }, ["Ã", "©"], "é"],
  ["broken bytes", { type: "ByteLevel" }, ["Ã", "a"], "\ufffda"],
  ["a byte order mark stays", { type: "ByteLevel" }, ["ï»¿a"], "\ufeffa"],
  ["a token outside the letters is text", { type: "ByteLevel" }, ["a", "你"], "a你"],
  ["byte fallback", { type: "ByteFallback" }, ["<0xC3>", "<0xA9>", "b"], "éb"],
  [
    "broken byte fallback: one sign a byte",
    { type: "ByteFallback" },
    ["<0xE4>", "<0xBD>", "b"],
    "\ufffd\ufffdb",
  ],
  ["a byte order mark in bytes stays", { type: "ByteFallback" }, ["<0xEF>", "<0xBB>", "<0xBF>"], "\ufeff"],
  ["no byte", { type: "ByteFallback" }, ["<0xZZ>", "<0x1>"], "<0xZZ><0x1>"],
  ["replace", { type: "Replace", pattern: { String: "▁" }, content: " " }, ["▁a▁b"], " a b"],
  [
    "replacement is plain text",
    { type: "Replace", pattern: { String: "x" }, content: "$&" },
    ["axb"],
    "a$&b",
  ],
  ["strip", { type: "Strip", content: " ", start: 1, stop: 0 }, ["  a ", "b"], " a b"],
  ["strip at the end", { type: "Strip", content: "_", start: 0, stop: 2 }, ["a___", "__"], "a_"],
  ["Metaspace", { type: "Metaspace", prepend_scheme: "always" }, ["▁a", "▁b"], "a b"],
  ["Metaspace without prefix", { type: "Metaspace", prepend_scheme: "never" }, ["▁a", "▁b"], " a b"],
  [
    "Llama 2's sequence",
    {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    ["▁Hi", "▁", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>"],
    "Hi 😀",
  ],
])("%s", (_, config, tokens, text) => {
  expect(compileDecoder(config)(tokens)).toBe(text);
});

test("an unknown kind is an error", () => {
  expect(() => compileDecoder({ type: "Nonsense" })).toThrow(
    expect.objectContaining({ code: "TOKENIZER_INVALID" }),
  );
});
