import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { buildDenseIndex, searchDense } from "../dense/dense-index.ts";
import { buildLexicalIndex } from "../lexical/index-of-words.ts";
import { searchLexical } from "../lexical/search.ts";
import { updateIndex } from "../lexical/update-index.ts";
import { decodeDenseIndex, decodeIndex, encodeDenseIndex, encodeIndex } from "./stored-index.ts";

const place = { unit: "page", number: 3 } as const;
const blocks = ["Red apples grow.", "Größe 手機殼"].map((text) => ({ kind: "text" as const, text, place }));
const sections = [{ headings: ["Fruit", "Trees"], place, blocks }];
const index = updateIndex(null, [{ name: "a.pdf", kind: "pdf", hash: "ab", sections }]);
const bytes = encodeIndex(index);

/** The file with changed bytes and a matching checksum. */
function forged(change: (file: Buffer) => void): Uint8Array {
  const file = Buffer.from(bytes);
  change(file);
  createHash("sha256")
    .update(file.subarray(0, -32))
    .digest()
    .copy(file, file.length - 32);
  return file;
}

describe("a stored index", () => {
  test("comes back as it was", () => {
    expect(decodeIndex(bytes)).toEqual(index);
    expect(encodeIndex(decodeIndex(bytes))).toEqual(bytes);
    const raw = buildLexicalIndex([{ document: "d", title: "", place: null, text: "pear" }]);
    expect(decodeIndex(encodeIndex(raw))).toEqual(raw);
    expect(decodeIndex(encodeIndex(buildLexicalIndex([])))).toEqual(buildLexicalIndex([]));
  });

  test("is refused wherever it is cut off and whichever byte is changed", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeIndex(bytes.slice(0, length))).toThrow(
        expect.objectContaining({ code: "INDEX_UNREADABLE" }),
      );
    }
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 0x41;
      expect(() => decodeIndex(changed)).toThrow(expect.objectContaining({ code: "INDEX_UNREADABLE" }));
    }
  });

  test("is refused or harmless where lengths and numbers lie under a right checksum", () => {
    let refused = 0;
    for (let at = 8; at + 4 <= bytes.length - 32; at++) {
      for (const value of [0xffffffff, 0x7fffffff, 7]) {
        const file = forged((one) => one.writeUInt32LE(value, at));
        try {
          const read = decodeIndex(file);
          for (const { passage } of searchLexical(read, "apples größe", { most: 5 })) {
            expect(read.passages[passage]).toBeDefined();
          }
        } catch (error) {
          expect(error).toMatchObject({ code: "INDEX_UNREADABLE" });
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  test("of vectors comes back too, and the two are not taken for each other", () => {
    const vectors = buildDenseIndex(Float32Array.of(1, 0, 0, 1, 1, 1), 2);
    const stored = encodeDenseIndex(vectors);
    const back = decodeDenseIndex(stored);
    expect(back.vectors).toEqual(vectors.vectors);
    expect(searchDense(back, Float32Array.of(1, 1), 1)).toEqual(
      searchDense(vectors, Float32Array.of(1, 1), 1),
    );
    expect(() => decodeIndex(stored)).toThrow(/another kind/);
    expect(() => decodeDenseIndex(bytes)).toThrow(/another kind/);
    const nan = encodeDenseIndex({ ...vectors, vectors: Float32Array.of(Number.NaN, 1) });
    expect(() => decodeDenseIndex(nan)).toThrow(expect.objectContaining({ code: "INDEX_UNREADABLE" }));
    expect(() => decodeDenseIndex(encodeDenseIndex({ ...vectors, size: 4 }))).toThrow(/no vectors of 4/);
  });
});
