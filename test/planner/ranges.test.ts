/** @file The ranges that the rules state, recomputed from published rows with whole sources left out. */
import { describe, expect, test } from "vitest";
import { estimateStackSpeed, measuredCards, rangeFactors, speedFactors } from "../../src/plan/index.ts";
import { type Factors, leftOut, narrowest, rangeOver, type Source } from "./coverage.ts";
import {
  hasRows,
  memoryOfKnownPrograms,
  memoryOfUnknownPrograms,
  memoryRange,
  memoryRows,
  type Sourced,
  speedOfSources,
  speedRows,
} from "./sources.ts";

/** Least share of the rows of a source never seen. */
const asked = 0.85;

const exact = (values: readonly number[]) => values.map((value) => ({ below: value, above: value }));

describe("how a range is chosen", () => {
  test("the narrowest range leaves out what costs most, and never the estimate itself", () => {
    expect(narrowest(exact([0.9, 1, 1.1, 1.2, 9]), 0.8)).toEqual({ low: 0.9, high: 1.2 });
    expect(narrowest(exact([1.2, 1.3]), 1)).toEqual({ low: 1, high: 1.3 });
    expect(narrowest([{ below: 1.4, above: 0.8 }], 1)).toEqual({ low: 1, high: 1 });
  });

  test("the range over sources is the worst of them, and a source left out does not help itself", () => {
    const sources: Source[] = [
      { name: "near", rows: exact([0.95, 1.05]) },
      { name: "far", rows: exact([2, 2.5]) },
    ];
    expect(rangeOver(sources)).toEqual({ low: 0.95, high: 2.5 });
    expect(leftOut(sources).map(({ inside }) => inside)).toEqual([0.5, 0]);
  });
});

function meanInside(sources: readonly Source[]): number {
  const scores = leftOut(sources);
  return scores.reduce((sum, { inside }) => sum + inside, 0) / scores.length;
}

/** Share of rows in the range that plans state. */
function stated(rows: readonly Sourced[], rangeOf: (one: Sourced) => Factors): number {
  const inside = rows.filter((one) => {
    const { low, high } = rangeOf(one);
    return one.measured + one.rounding >= low && one.measured - one.rounding <= high;
  });
  return inside.length / rows.length;
}

const memoryOf = ({ row, setting }: Sourced): Factors => memoryRange(row, setting);

function speedOf({ setting, device }: Sourced): Factors {
  if (device === null) throw new RangeError("the row names no card");
  return estimateStackSpeed(setting, device).tokensPerSecondPerDevice;
}

describe.skipIf(!hasRows)("published rows, whole sources left out", () => {
  const memory = hasRows ? memoryRows() : [];
  const speed = hasRows ? speedRows() : [];
  const open = memory.filter(({ isShut }) => !isShut);
  const openSpeed = speed.filter(({ isShut }) => !isShut);

  test.each<[string, () => Source[], Factors]>([
    ["memory, program known", () => memoryOfKnownPrograms(open), rangeFactors.measured],
    ["memory, program never seen", () => memoryOfUnknownPrograms(open), rangeFactors.unmeasured],
    ["tokens per second", () => speedOfSources(openSpeed), speedFactors],
  ])("%s: the stated factors are those of the sources, and hold a source left out", (_, of, factors) => {
    const found = rangeOver(of());
    expect(factors.low).toBeCloseTo(found.low, 2);
    expect(factors.high).toBeCloseTo(found.high, 2);
    expect(meanInside(of())).toBeGreaterThanOrEqual(asked);
  });

  test("sources that stayed shut until the ranges were chosen lie inside", () => {
    expect(memory.length - open.length).toBe(13);
    expect(
      stated(
        memory.filter(({ isShut }) => isShut),
        memoryOf,
      ),
    ).toBeGreaterThanOrEqual(asked);
    expect(
      stated(
        speed.filter(({ isShut }) => isShut),
        speedOf,
      ),
    ).toBeGreaterThanOrEqual(asked);
  });

  test("the stated ranges at home", () => {
    expect(stated(open, memoryOf)).toBeGreaterThanOrEqual(asked);
    expect(stated(openSpeed, speedOf)).toBeGreaterThanOrEqual(asked);
  });

  test.each(["memory", "time"] as const)(
    "the cards that %s says were measured are those of the rows",
    (quantity) => {
      const rows = quantity === "memory" ? open : openSpeed;
      const found: Record<string, string[]> = {};
      for (const { row, setting, device } of rows) {
        // rows of a program without rules are planned as those of another
        if (device === null || row["stack"] === "lora-paper") continue;
        const cards = found[setting.stack.name] ?? [];
        found[setting.stack.name] = cards.includes(device.name) ? cards : [...cards, device.name];
      }
      const sorted = (cards: Readonly<Record<string, readonly string[]>>) =>
        Object.fromEntries(Object.entries(cards).map(([name, list]) => [name, [...list].sort()]));
      expect(sorted(measuredCards[quantity])).toEqual(sorted(found));
    },
  );
});
