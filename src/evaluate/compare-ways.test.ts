import { describe, expect, test } from "vitest";
import { compareWays, type RunOutcomes } from "./compare-ways.ts";

/** Right or wrong by a share, other rows for each seed. */
function run(share: number, seed: number, rows = 400): RunOutcomes {
  return Array.from({ length: rows }, (_, row) => ({
    value: ((row * 7919 + seed * 104_729) % 1000) / 1000 < share ? 1 : 0,
    weight: 1,
  }));
}

describe("two ways over their seeds", () => {
  test("the difference is that of the means; the same way differs by nothing that could be shown", () => {
    const found = compareWays("accuracy", [run(0.7, 1), run(0.7, 2)], [run(0.5, 3), run(0.5, 4)]);
    expect(found.value).toBeCloseTo(-0.2, 1);
    expect(found.verdict).toBe("worse");
    expect(found.interval?.high).toBeLessThan(0);
    const same = compareWays("accuracy", [run(0.7, 1), run(0.7, 2)], [run(0.7, 5), run(0.7, 6)]);
    expect(same.verdict).toBe("unclear");
    expect(same.interval?.low).toBeLessThan(0);
    expect(same.interval?.high).toBeGreaterThan(0);
  });

  test("a lower perplexity is better; a row that one run could not judge counts for none", () => {
    const loss = (nats: number): RunOutcomes =>
      Array.from({ length: 50 }, (_, row) => ({ value: nats * 10 + (row % 3), weight: 10 }));
    const found = compareWays("perplexity", [loss(1)], [loss(0.8)]);
    expect(found.value).toBeLessThan(0);
    expect(found.verdict).toBe("better");
    const short = [...loss(1).slice(0, 49), { value: 0, weight: 0 }];
    expect(compareWays("perplexity", [short], [loss(0.8)]).rows).toBe(49);
  });

  test("the choice of seeds widens the interval", () => {
    const alike = [run(0.6, 1), run(0.6, 1), run(0.6, 1)];
    const apart = [run(0.4, 1), run(0.6, 1), run(0.8, 1)];
    const width = (runs: RunOutcomes[]): number => {
      const { interval } = compareWays("accuracy", [run(0.6, 9)], runs);
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    expect(width(apart)).toBeGreaterThan(1.5 * width(alike));
  });

  test("one row has no interval", () => {
    expect(compareWays("accuracy", [run(1, 1, 1)], [run(0, 1, 1)])).toMatchObject({
      value: -1,
      interval: null,
      verdict: "unclear",
    });
  });
});

describe("closed forms", () => {
  const graded = (...values: number[]): RunOutcomes => values.map((value) => ({ value, weight: 1 }));

  // of two rows the quantiles of 2.5 and 97.5 % are one row alone
  test.each([
    { change: [0.25, 0.5], interval: { low: 0.25, high: 0.5 }, verdict: "better" },
    { change: [0, 0.5], interval: { low: 0, high: 0.5 }, verdict: "unclear" },
    { change: [-0.5, 0], interval: { low: -0.5, high: 0 }, verdict: "unclear" },
    { change: [-0.5, -0.25], interval: { low: -0.5, high: -0.25 }, verdict: "worse" },
  ])("rows that change by $change: $verdict", ({ change, interval, verdict }) => {
    const found = compareWays("rouge_l", [graded(0.5, 0.5)], [graded(...change.map((by) => 0.5 + by))]);
    expect(found).toEqual({
      value: expect.closeTo(((change[0] ?? 0) + (change[1] ?? 0)) / 2, 12),
      ...{ interval, rows: 2, verdict },
    });
  });

  test("the means of two and of three runs, over rows that all of them could be judged on", () => {
    const unknown = { value: 0, weight: 0 };
    const from = [graded(0.25, 0.5, 1), [...graded(0.75), unknown, ...graded(0)]];
    const way = [graded(1, 0, 0.25), graded(0.5, 1, 0.25), graded(0, 0.125, 1)];
    // rows 0 and 2: means 0.5 and 0.5 of the one, 0.5 and 0.5 of the other
    expect(compareWays("rouge_l", from, way, { draws: 20 })).toMatchObject({
      value: 0,
      rows: 2,
      verdict: "unclear",
    });
  });

  test("rows beyond the shortest run are left out", () => {
    const found = compareWays("rouge_l", [graded(0.5, 0.5, 0.5)], [graded(1, 0.75)]);
    expect(found).toMatchObject({ value: 0.375, rows: 2, verdict: "better" });
  });

  test("the same seed draws the same runs and rows", () => {
    const at = (seed: number) =>
      compareWays("accuracy", [run(0.4, 1, 50), run(0.6, 2, 50)], [run(0.5, 3, 50)], { seed, draws: 50 })
        .interval;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});
