/** @file Pre-tokenizers; expected values are from the Rust library. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteToUnicode, compilePreTokenizer, toByteCharacters } from "./pre-tokenizer.ts";
import type { PartConfig } from "./vendor.ts";

const split = (config: PartConfig, text: string, isStart = true): string[] =>
  compilePreTokenizer(config).split(text, isStart);
const pattern = { String: "-" };

describe("Split behaviors", () => {
  test.each([
    ["Removed", false, ["the", "final", "", "countdown"].filter(Boolean)],
    ["Isolated", false, ["the", "-", "final", "-", "-", "countdown"]],
    ["MergedWithPrevious", false, ["the-", "final-", "-", "countdown"]],
    ["MergedWithNext", false, ["the", "-final", "-", "-countdown"]],
    ["Contiguous", false, ["the", "-", "final", "--", "countdown"]],
    ["Removed", true, ["-", "-", "-"]],
  ])("%s, invert %s", (behavior, invert, pieces) => {
    expect(split({ type: "Split", pattern, behavior, invert }, "the-final--countdown")).toEqual(pieces);
  });
});

test.each<[string, PartConfig, string, boolean, string[]]>([
  [
    "digits one by one, of any script",
    { type: "Digits", individual_digits: true },
    "a12٣½",
    true,
    ["a", "1", "2", "٣", "½"],
  ],
  ["digits together", { type: "Digits", individual_digits: false }, "a12b", true, ["a", "12", "b"]],
  ["punctuation", { type: "Punctuation" }, "a,!b", true, ["a", ",", "!", "b"]],
  ["Metaspace always", { type: "Metaspace", prepend_scheme: "always" }, "a b", false, ["▁a", "▁b"]],
  [
    "Metaspace first, at the start",
    { type: "Metaspace", prepend_scheme: "first" },
    "a b",
    true,
    ["▁a", "▁b"],
  ],
  ["Metaspace first, later", { type: "Metaspace", prepend_scheme: "first" }, "a b", false, ["a", "▁b"]],
  ["Metaspace whole", { type: "Metaspace", prepend_scheme: "never", split: false }, "a b", true, ["a▁b"]],
  ["Metaspace of old files", { type: "Metaspace", add_prefix_space: false }, " a", true, ["▁a"]],
  [
    "GPT-2's words",
    { type: "ByteLevel", add_prefix_space: false },
    "I've  two\n",
    true,
    ["I", "'ve", " ", " two", "\n"],
  ],
  ["a byte order mark is no white space", { type: "ByteLevel" }, "a\ufeff b", true, ["a", "\ufeff", " b"]],
  ["a next-line sign is", { type: "ByteLevel" }, "a\u0085b", true, ["a", "\u0085", "b"]],
  [
    "a sequence",
    { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, { type: "ByteLevel" }] },
    "ab 12",
    true,
    ["ab", " ", "1", "2"],
  ],
])("%s", (_, config, text, isStart, pieces) => {
  expect(split(config, text, isStart)).toEqual(pieces);
});

test("empty matches end", () => {
  expect(split({ type: "Split", pattern: { Regex: "x*" }, behavior: "Isolated" }, "axx😀b")).toEqual([
    "a",
    "xx",
    "😀",
    "b",
  ]);
});

test("byte letters are GPT-2's", () => {
  expect(byteToUnicode).toHaveLength(256);
  expect(new Set(byteToUnicode).size).toBe(256);
  expect([byteToUnicode[0x20], byteToUnicode[0x0a], byteToUnicode[0x41], byteToUnicode[0xad]]).toEqual([
    "Ġ",
    "Ċ",
    "A",
    "Ń",
  ]);
  expect(toByteCharacters(" é")).toBe("ĠÃ©");
});

test("byte letters name the bytes of the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = Array.from(toByteCharacters(text), (letter) => byteToUnicode.indexOf(letter));
      expect(Buffer.from(bytes)).toEqual(Buffer.from(text, "utf8"));
    }),
  );
});

test("an unknown kind is an error", () => {
  expect(() => compilePreTokenizer({ type: "Nonsense" })).toThrow(
    expect.objectContaining({ code: "TOKENIZER_INVALID" }),
  );
});
