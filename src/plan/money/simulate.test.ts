import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { usd } from "../../quantity/index.ts";
import { certain } from "../range-arithmetic.ts";
import type { SpendAssumptions } from "./assumptions.ts";
import { chanceFrom, lostRuns, normalFrom, poissonFrom } from "./chance.ts";
import { drawOutcomes, outcomeOf } from "./draws.ts";
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
    expect(total()).toEqual({ p50: usd(10), p90: usd(10), shares: [{ name: "training", share: 1 }] });
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

describe("chance", () => {
  test("the same seed gives the same outcomes, another seed others", () => {
    const doubtful = { train: { low: 1800, expected: 3600, high: 9000 } };
    expect(total(doubtful)).toEqual(total(doubtful));
    expect(total(doubtful, { seed: 18 }).p90).not.toBe(total(doubtful).p90);
  });

  test("a range is met by its 5 %, 50 % and 95 % points", () => {
    const chance = chanceFrom(3);
    const range = { low: 60, expected: 100, high: 250 };
    const values = Array.from({ length: 20_000 }, () => outcomeOf(range, normalFrom(chance))).sort(
      (a, b) => a - b,
    );
    expect((values[1_000] ?? 0) / 60).toBeCloseTo(1, 1);
    expect((values[10_000] ?? 0) / 100).toBeCloseTo(1, 1);
    expect((values[19_000] ?? 0) / 250).toBeCloseTo(1, 1);
  });

  test("a search of 20 trials stopped at 40 % costs about eight runs, and can be most of the money", () => {
    const outcome = total({}, { trials: 20 });
    expect(outcome.p50 / 1e6).toBeCloseTo(90, -1);
    expect(share(outcome, "search")).toBeGreaterThan(0.85);
  });

  test("failures lose half a run each on average: rate / (1 - rate) / 2", () => {
    const chance = chanceFrom(5);
    const mean = (runs: number, rate: number): number =>
      Array.from({ length: 5_000 }, () => lostRuns(chance, runs, rate)).reduce((a, b) => a + b, 0) / 5_000;
    expect(mean(10, 0.2)).toBeCloseTo((10 * 0.2) / 0.8 / 2, 1);
    expect(mean(100, 0.2) / ((100 * 0.2) / 0.8 / 2)).toBeCloseTo(1, 1);
    expect(lostRuns(chance, 10, 0)).toBe(0);
  });

  test("retrainings come as often as is said", () => {
    const chance = chanceFrom(7);
    for (const mean of [0, 0.5, 4, 200]) {
      const all = Array.from({ length: 4_000 }, () => poissonFrom(chance, mean));
      expect(all.reduce((a, b) => a + b, 0) / 4_000 / (mean || 1)).toBeCloseTo(mean === 0 ? 0 : 1, 1);
    }
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
