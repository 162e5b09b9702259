import { expect, test } from "vitest";
import { tokenBytes } from "./token-bytes.ts";

const textOf = (one: Uint8Array | null | undefined): string | null =>
  one ? Buffer.from(one).toString("latin1") : null;

test("tokens of byte characters stand for bytes, others for their text", () => {
  const names = ["<s>", "\u0120a", "\u00c3", "\u00a9", "\u65e5", undefined];
  const bytes = tokenBytes(names, (id) => id > 0, { type: "Sequence", decoders: [{ type: "ByteLevel" }] });
  expect(bytes.map(textOf)).toEqual([null, " a", "\u00c3", "\u00a9", "\u00e6\u0097\u00a5", null]);
});

test("pieces of SentencePiece stand for their text, and bytes by number for bytes", () => {
  const names = ["\u2581the", "<0xE6>", "x\u2581y", "<0xZZ>"];
  const decoder = {
    type: "Sequence",
    decoders: [{ type: "Replace" }, { type: "ByteFallback" }, { type: "Fuse" }],
  };
  expect(tokenBytes(names, () => true, decoder).map(textOf)).toEqual([" the", "\u00e6", "x y", "<0xZZ>"]);
});

test.each([[{ type: "WordPiece" }], [null]])("of %j no token has bytes of its own", (decoder) => {
  expect(() => tokenBytes(["a"], () => true, decoder)).toThrow(
    expect.objectContaining({ code: "CONSTRAINT_TOKENIZER" }),
  );
});
