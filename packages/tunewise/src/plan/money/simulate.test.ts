/** @file The total cost and its parts: exact arithmetic for certain inputs, quantiles and shares for uncertain ones. */

import { usd } from "@tunewise/core/quantity";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { certain } from "../range-arithmetic.ts";
import type { SpendAssumptions } from "./assumptions.ts";
import { type Draws, drawOutcomes } from "./draws.ts";
import { freeRun, type RunSpend, simulateSpend } from "./simulate.ts";

const plain: SpendAssumptions = {
  seeds: 1,
  trials: 0,
  trialShare: 0.4,
  failureRate: 0,
  retrainsPerYear: 0,
  dataUsd: usd(0),
  baselinesUsd: usd(0),
  storageUsd: usd(0),
  hostingUsd: usd(0),
  outcomes: 10_000,
  seed: 17,
};

/** One hour of training at ten dollars. */
const hour: RunSpend = { ...freeRun, usdPerHour: 10, train: certain(3600) };

function total(run: Partial<RunSpend> = {}, assumed: Partial<SpendAssumptions> = {}) {
  const all = { ...plain, ...assumed };
  return simulateSpend({ ...hour, ...run }, all, drawOutcomes(all));
}

const share = (outcome: ReturnType<typeof total>, wanted: string): number =>
  outcome.shares.find(({ name }) => name === wanted)?.share ?? 0;

describe("without doubt the total is arithmetic", () => {
  test("one run", () => {
    expect(total()).toEqual({
      p50: usd(10),
      p90: usd(10),
      shares: [{ name: "training", share: 1 }],
      distribution: { from: usd(10), to: usd(10), counts: [10_000] },
    });
  });

  test("seeds, judging, start, a first try, data, storage, hosting", () => {
    const outcome = total(
      { judge: certain(360), start: certain(36), smoke: 72 },
      { seeds: 3, dataUsd: usd(5), storageUsd: usd(1), hostingUsd: usd(100), baselinesUsd: usd(2) },
    );
    expect(outcome.p50).toBe(usd(3 * (10 + 0.1 + 1) + 0.2 + 5 + 1 + 100 + 2));
    expect(share(outcome, "hosting")).toBeCloseTo(100 / 141.5, 6);
    expect(outcome.shares[0]?.name).toBe("hosting");
  });

  test("hosted training has a price per run", () => {
    expect(total({ usdPerHour: 0, usdPerRun: 7 }, { seeds: 2 }).p50).toBe(usd(14));
  });
});

/** Draws with the same value in all outcomes, except those given. */
function drawn(count: number, change: Partial<Record<keyof Draws, readonly number[]>> = {}): Draws {
  const none = new Array<number>(count).fill(0);
  const kinds = {
    train: none,
    judge: none,
    start: none,
    rework: none,
    searched: none,
    lost: none,
    retrainings: none,
  };
  const all = Object.entries({ ...kinds, ...change }).map(([kind, values]) => [
    kind,
    Float64Array.from(values),
  ]);
  return { ...(Object.fromEntries(all) as Draws), count };
}

describe("worked out by hand", () => {
  /** One dollar per second, plus one dollar per run. */
  const run: RunSpend = {
    usdPerHour: 3600,
    usdPerRun: 1,
    smoke: 7,
    train: certain(100),
    judge: certain(10),
    start: certain(5),
    rework: certain(1),
  };
  const assumed: SpendAssumptions = {
    ...plain,
    seeds: 2,
    trials: 4,
    trialShare: 0.5,
    dataUsd: usd(11),
    baselinesUsd: usd(13),
    storageUsd: usd(17),
    hostingUsd: usd(19),
  };
  const once = drawn(1, { searched: [2], lost: [1.5], retrainings: [3] });

  /** Dollars of one outcome, by kind of spending. */
  function dollarsOf(change: Partial<RunSpend>): Record<string, number> {
    const { p50, shares } = simulateSpend({ ...run, ...change }, assumed, once);
    return Object.fromEntries(shares.map((one) => [one.name, Number(((one.share * p50) / 1e6).toFixed(3))]));
  }

  test("each part has its sum", () => {
    expect(dollarsOf({})).toEqual({
      retraining: 3 * (101 + 10 + 5),
      search: 2 * 101 + 4 * (5 + 0.5 * 10),
      training: 2 * (101 + 5),
      failures: 1.5 * 101 + 2 * 1.5 * 5,
      evaluation: 2 * 10,
      hosting: 19,
      storage: 17,
      baselines: 13,
      data: 11,
      "first try": 7,
    });
  });

  test("work that is done again is paid for by time, and not by run", () => {
    expect(dollarsOf({ rework: certain(2) })).toMatchObject({
      training: 2 * (201 + 10),
      evaluation: 2 * 20,
      "first try": 14,
      hosting: 19,
    });
  });

  test("the largest share comes first, shares of nothing are left out", () => {
    const { shares } = simulateSpend(run, { ...assumed, trials: 0, dataUsd: usd(0) }, drawn(1));
    expect(shares.map(({ name }) => name)).toEqual([
      "training",
      "evaluation",
      "hosting",
      "storage",
      "baselines",
      "first try",
    ]);
  });

  test("each outcome has its own luck in training, judging, start and rework", () => {
    const range = { low: 50, expected: 100, high: 200 };
    const factor = { low: 0.5, expected: 1, high: 2 };
    const edge = 1.6449;
    const of = (kind: "train" | "judge" | "start" | "rework", change: Partial<RunSpend>): unknown => {
      const free = { ...freeRun, usdPerHour: 3600, ...change };
      const { p50, p90 } = simulateSpend(free, plain, drawn(3, { [kind]: [edge, -edge, 0] }));
      return [p50 / 1e6, p90 / 1e6];
    };
    expect(of("train", { train: range })).toEqual([100, 200]);
    expect(of("judge", { judge: range })).toEqual([100, 200]);
    expect(of("start", { start: range })).toEqual([100, 200]);
    expect(of("rework", { train: certain(100), rework: factor })).toEqual([100, 200]);
  });

  // 40 outcomes with one dollar for training and 0 to 39 for retraining, in shuffled order
  const order = Array.from({ length: 40 }, (_, at) => (at * 7) % 40);
  const many = () => simulateSpend({ ...freeRun, usdPerRun: 1 }, plain, drawn(40, { retrainings: order }));

  test("half of the outcomes lie below P50, nine of ten below P90", () => {
    expect([many().p50, many().p90]).toEqual([usd(1 + 20), usd(1 + 36)]);
  });

  test("shares are those of outcomes from P85 to P95", () => {
    expect(many().shares).toEqual([
      { name: "retraining", share: expect.closeTo((34 + 35 + 36 + 37 + 38) / 185, 12) },
      { name: "training", share: expect.closeTo(5 / 185, 12) },
    ]);
  });

  test("a run that takes nothing has a total of nothing, and no shares", () => {
    expect(simulateSpend({ ...freeRun, usdPerHour: 10 }, plain, drawn(3))).toEqual({
      p50: usd(0),
      p90: usd(0),
      shares: [],
      distribution: { from: usd(0), to: usd(0), counts: [3] },
    });
  });
});

describe("chance", () => {
  test("the same seed gives the same outcomes, another seed others", () => {
    const doubtful = { train: { low: 1800, expected: 3600, high: 9000 } };
    expect(total(doubtful)).toEqual(total(doubtful));
    expect(total(doubtful, { seed: 18 }).p90).not.toBe(total(doubtful).p90);
  });

  test("a search of 20 trials stopped at 40 % costs about eight runs, and can be most of the money", () => {
    const outcome = total({}, { trials: 20 });
    expect(outcome.p50 / 1e6).toBeCloseTo(90, -1);
    expect(share(outcome, "search")).toBeGreaterThan(0.85);
  });

  test("P90 is never below P50, shares add up to one, and more of anything never costs less", () => {
    const amounts = fc.record({
      seeds: fc.integer({ min: 1, max: 5 }),
      trials: fc.integer({ min: 0, max: 30 }),
      failureRate: fc.double({ min: 0, max: 0.6, noNaN: true }),
      retrainsPerYear: fc.double({ min: 0, max: 12, noNaN: true }),
    });
    fc.assert(
      fc.property(amounts, (amount) => {
        const few = { ...amount, outcomes: 2_000 };
        const run = {
          train: { low: 3000, expected: 3600, high: 5000 },
          judge: certain(300),
          start: certain(60),
        };
        const outcome = total(run, few);
        expect(outcome.p90).toBeGreaterThanOrEqual(outcome.p50);
        expect(outcome.shares.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1, 9);
        expect(total(run, { ...few, dataUsd: usd(1) }).p50).toBeGreaterThan(outcome.p50);
      }),
      { numRuns: 30, seed: 11 },
    );
  });
});

describe("the distribution", () => {
  const outcome = total({ train: { low: 1800, expected: 3600, high: 14_400 } });
  const { from, to, counts } = outcome.distribution ?? { from: usd(0), to: usd(0), counts: [] };

  test("counts every outcome once, in twenty bins", () => {
    expect(counts.length).toBe(20);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(plain.outcomes);
    expect(from).toBeLessThan(outcome.p50);
    expect(to).toBeGreaterThan(outcome.p90);
  });

  test("agrees with the median and P90 to a bin", () => {
    const at = (share: number): number => {
      let below = 0;
      const bin = counts.findIndex((count) => {
        below += count;
        return below > share * plain.outcomes;
      });
      return from + (bin / counts.length) * (to - from);
    };
    const width = (to - from) / counts.length;
    for (const [share, point] of [
      [0.5, outcome.p50],
      [0.9, outcome.p90],
    ] as const) {
      expect(point).toBeGreaterThanOrEqual(at(share) - 1);
      expect(point).toBeLessThanOrEqual(at(share) + width + 1);
    }
  });

  test("of nothing is one bin", () => {
    expect(total({ usdPerHour: 0 }).distribution).toEqual({ from: 0, to: 0, counts: [plain.outcomes] });
  });
});
