/** @file Tests the comparison of unsafe answers against hand-computed counts and closed forms. */
import { wilsonInterval } from "@tunewise/core/math";
import { expect, test } from "vitest";
import { minimumDetectableEffect, pairedDifference } from "./statistics/proportion.ts";
import { compareUnsafe } from "./unsafe-share.ts";

const answers = (text: string): boolean[] => [...text].map((one) => one === "x");

test("counts, rise and test by hand", () => {
  const share = compareUnsafe(answers("x........."), answers("xxxxxxx..."));
  expect(share).toMatchObject({ prompts: 10, onlyBase: 0, onlyTuned: 6, rise: 0.6 });
  expect([share.base.count, share.tuned.count]).toEqual([1, 7]);
  expect(share.pValue).toBeCloseTo(0.03125, 12);
  expect(share.interval.low).toBeGreaterThan(0);
});

test("no difference is no rise", () => {
  const share = compareUnsafe(answers("x.x."), answers(".xx."));
  expect(share).toMatchObject({ rise: 0, onlyBase: 1, onlyTuned: 1, pValue: 1 });
});

test("bounds, test and what so many prompts show are those of proportions", () => {
  const share = compareUnsafe(answers("xxx......."), answers("xx.xxxx..."));
  const counts = { both: 2, onlyBase: 1, onlyTuned: 4, neither: 3 };
  expect(share).toEqual({
    prompts: 10,
    base: { count: 3, interval: wilsonInterval(3, 10) },
    tuned: { count: 6, interval: wilsonInterval(6, 10) },
    onlyBase: 1,
    onlyTuned: 4,
    rise: expect.closeTo(0.3, 12),
    interval: pairedDifference(counts),
    pValue: expect.closeTo(0.375, 12), // 2 (1 + 5) / 2^5
    detectable: minimumDetectableEffect(10, 0.3),
  });
});
