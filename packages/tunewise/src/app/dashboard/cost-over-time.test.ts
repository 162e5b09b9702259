/**
 * @file Cost of a run over time: ledger lines are spread over their duration, charges count at once, and nothing is
 * lost.
 */

import type { SpendLine } from "@tunewise/tracker";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costOverTime } from "./cost-over-time.ts";

const line = (ms: number, microUsd: number, seconds: number, more: Partial<SpendLine> = {}): SpendLine => ({
  run: 1,
  ms,
  kind: "machine",
  microUsd,
  seconds,
  quantity: 0,
  unit: "",
  priceMicroUsdPerHour: 0,
  priceSource: "list",
  ...more,
});
const run = { client: "mlflow", startedMs: 1_000 };
const noPrice = { microUsdPerHour: 0, source: "" };

describe("cost over time", () => {
  test("spreads lines over the seconds they stand for, and adds charges at once", () => {
    const cost = costOverTime(run, [line(11_000, 100, 10), line(16_000, 1_000, 0)], noPrice);
    expect([0, 1_000, 6_000, 11_000, 15_999, 16_000, 99_000].map(cost.at)).toEqual([
      0, 0, 50, 100, 100, 1_100, 1_100,
    ]);
    expect([0, 50, 100, 600, 1_100, 1_101].map(cost.when)).toEqual([
      ...[Number.NEGATIVE_INFINITY, 6_000, 11_000, 16_000, 16_000, Number.POSITIVE_INFINITY],
    ]);
    expect(cost.basis).toBe("ledger");
  });

  test("goes on at the last price behind the last line", () => {
    const cost = costOverTime(run, [line(11_000, 10, 10, { priceMicroUsdPerHour: 3_600_000 })], noPrice);
    expect([cost.at(11_000), cost.at(12_000), cost.when(510)]).toEqual([10, 1_010, 11_500]);
  });

  test("takes price and time of a run without lines, and says so", () => {
    const cost = costOverTime(run, [], { microUsdPerHour: 3_600_000, source: "" });
    expect([cost.basis, cost.at(0), cost.at(3_000), cost.when(2_000)]).toEqual(["price", 0, 2_000, 3_000]);
    const free = costOverTime({ ...run, client: "exec" }, [], noPrice);
    expect([free.at(9_000), free.when(1)]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(costOverTime({ ...run, client: "tunewise" }, [line(1, 1, 1)], noPrice).basis).toBe("meter");
  });

  test("never falls, ends at the sum of all lines, and finds its way back", () => {
    const some = fc.record({ ms: fc.integer({ min: 0, max: 1e6 }), usd: fc.nat(1e9), seconds: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 20 }), fc.nat(1e6), (parts, ms) => {
        const lines = parts.map((part) => line(part.ms, part.usd, part.seconds));
        const cost = costOverTime(run, lines, noPrice);
        const total = parts.reduce((sum, { usd }) => sum + usd, 0);
        expect(cost.at(2e6)).toBeCloseTo(total, 1);
        expect(cost.at(ms + 1000)).toBeGreaterThanOrEqual(cost.at(ms) - 1e-3);
        const naive = parts.reduce((sum, { ms: end, usd, seconds }) => {
          const share = seconds === 0 ? Number(ms >= end) : (ms - end + seconds * 1000) / (seconds * 1000);
          return sum + usd * Math.max(0, Math.min(1, share));
        }, 0);
        expect(Math.abs(cost.at(ms) - naive)).toBeLessThan(1 + naive * 1e-9);
        const half = cost.when(total / 2);
        if (total > 0) expect(cost.at(half + 1e-3)).toBeGreaterThanOrEqual((total / 2) * (1 - 1e-9) - 1);
      }),
    );
  });
});
