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
