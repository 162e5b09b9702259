import { describe, expect, test } from "vitest";
import { fuseRankings, rerank } from "./fuse.ts";
import { voteLabel } from "./vote.ts";

const hits = (...passages: number[]) => passages.map((passage, at) => ({ passage, score: 10 - at }));

describe("fused rankings", () => {
  test("sum 1 / (60 + rank)", () => {
    expect(fuseRankings([hits(4, 7), hits(7, 9)], 3)).toEqual([
      { passage: 7, score: 1 / 62 + 1 / 61 },
      { passage: 4, score: 1 / 61 },
      { passage: 9, score: 1 / 62 },
    ]);
  });

  test("of nothing are nothing, and equal sums come by number", () => {
    expect(fuseRankings([], 3)).toEqual([]);
    expect(fuseRankings([hits(5), hits(2)], 1)).toEqual([{ passage: 2, score: 1 / 61 }]);
  });
});

test("the first few are put into another order, equal ones as they stood, the rest stays", async () => {
  const scores = new Map([
    [1, 0.2],
    [2, 0.9],
    [3, 0.9],
  ]);
  const again = await rerank(hits(1, 2, 3, 4), 3, async (passage) => scores.get(passage) as number);
  expect(again.map(({ passage, score }) => [passage, score])).toEqual([
    [2, 0.9],
    [3, 0.9],
    [1, 0.2],
    [4, 7],
  ]);
});

describe("labels of the nearest", () => {
  const labels = ["a", "b", "b", "c"];
  const labelOf = (passage: number) => labels[passage] as string;

  test("vote with their scores", () => {
    const near = [
      { passage: 0, score: 3 },
      { passage: 1, score: 2 },
      { passage: 2, score: 2 },
    ];
    expect(voteLabel(near, labelOf)).toEqual({ label: "b", share: 4 / 7 });
    expect(voteLabel(near.slice(0, 2), labelOf)).toEqual({ label: "a", share: 3 / 5 });
  });

  test("that are equal leave it to the nearest, and none say nothing", () => {
    expect(
      voteLabel(
        [
          { passage: 3, score: 2 },
          { passage: 0, score: 2 },
        ],
        labelOf,
      )?.label,
    ).toBe("c");
    expect(voteLabel([], labelOf)).toBeNull();
  });
});
