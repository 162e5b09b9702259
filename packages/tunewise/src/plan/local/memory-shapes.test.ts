import { describe, expect, test } from "vitest";
import { blocksOf, evaluationShapes, trainShapes } from "./memory-shapes.ts";

const rows = (...lengths: number[]) =>
  lengths.map((tokens) => ({ tokens, labelledTokens: 2, promptTokens: tokens - 2 }));
const length = { batchSize: 2, batching: "length" } as const;

test.each([
  [1, 1],
  [191, 1],
  [192, 2],
  [319, 2],
  [320, 4],
  [1023, 4],
  [1024, 8],
])("a row of %i tokens is cut into %i blocks", (longest, blocks) => {
  expect(blocksOf(longest)).toBe(blocks);
});

describe("layouts of training batches", () => {
  test("rows of equal length make one", () => {
    const { layouts, labelledTokens } = trainShapes(rows(50, 50, 50, 50), length, 512, 0);
    expect(layouts).toEqual([{ rows: 2, tokens: 100, longest: 50, labelledTokens: 4, prefix: 0 }]);
    expect(labelledTokens).toBe(4);
  });
  test("equal and unequal lengths, few and many blocks make several; the largest of each counts", () => {
    const { layouts } = trainShapes(rows(40, 40, 60, 50, 300, 210, 20, 20), length, 512, 0);
    expect(layouts.map(({ tokens, longest }) => [tokens, longest])).toEqual([
      [510, 300],
      [110, 60],
      [80, 40],
    ]);
  });
  test("a shared beginning is counted once, a short one is not shared", () => {
    const [shared] = trainShapes(rows(50, 50), length, 512, 20).layouts;
    expect(shared).toMatchObject({ tokens: 80, longest: 30, prefix: 20 });
    const [alone] = trainShapes(rows(50, 50), length, 512, 7).layouts;
    expect(alone).toMatchObject({ tokens: 100, prefix: 0 });
    const [one] = trainShapes(rows(50), { ...length, batchSize: 1 }, 512, 20).layouts;
    expect(one).toMatchObject({ tokens: 50, prefix: 0 });
  });
  test("longer rows are cut to the limit", () => {
    expect(trainShapes(rows(900, 900), length, 100, 0).layouts[0]).toMatchObject({ tokens: 200 });
  });
  test("a shuffle holds every row once", () => {
    const lengths = Array.from({ length: 40 }, (_, at) => 10 + at);
    const { layouts } = trainShapes(rows(...lengths), { batchSize: 40, batching: "shuffle" }, 512, 0);
    expect(layouts).toEqual([
      { rows: 40, tokens: lengths.reduce((a, b) => a + b), longest: 49, labelledTokens: 80, prefix: 0 },
    ]);
  });
  test("packs are as full as they get", () => {
    const { layouts } = trainShapes(
      rows(...Array<number>(20).fill(50)),
      { batchSize: 2, batching: "pack" },
      200,
      0,
    );
    expect(layouts).toMatchObject([{ tokens: 400, rows: 8, longest: 50 }]);
  });
  test("no rows, no layouts", () => {
    for (const batching of ["length", "shuffle", "pack"] as const) {
      expect(trainShapes([], { batchSize: 4, batching }, 512, 0).layouts).toEqual([]);
    }
  });
});

test("judged rows come in batches of a number of places", () => {
  const { layouts } = evaluationShapes(rows(...Array<number>(50).fill(100)), 512, 0);
  expect(layouts).toMatchObject([{ rows: 20, tokens: 2000 }]);
  expect(evaluationShapes(rows(3000), 4096, 0).layouts).toMatchObject([{ rows: 1, tokens: 3000 }]);
});

test("shuffled rows always lie in the same order", () => {
  const given = Array.from({ length: 23 }, (_, n) => ({
    tokens: 10 + ((n * 37) % 101),
    labelledTokens: 5 + ((n * 13) % 7),
    promptTokens: 1,
  }));
  expect(trainShapes(given, { batchSize: 4, batching: "shuffle" }, 512, 0)).toEqual({
    layouts: [{ rows: 4, tokens: 351, longest: 107, labelledTokens: 27, prefix: 0 }],
    labelledTokens: 36,
  });
});
