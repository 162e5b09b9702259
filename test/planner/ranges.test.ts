/** @file The ranges that plans state, recomputed from published rows with whole sources left out. */
import { describe, expect, test } from "vitest";
import { measuredCards, rangeFactors, speedFactors } from "../../src/plan/index.ts";
import { type Factors, isInside, leftOut, middle, rangeOver, type Source } from "./coverage.ts";
import {
  errorOf,
  hasRows,
  memoryRows,
  reaches,
  type Sourced,
  speedRows,
  trivialErrors,
  widthOf,
} from "./sources.ts";

/** Share of the rows of a source left out that the range of the others must hold. */
const asked = 0.9;

const exact = (values: readonly number[]) => values.map((value) => ({ below: value, above: value }));

describe("how a range is chosen", () => {
  test("the narrowest range leaves out what costs most, and never the estimate itself", () => {
    expect(rangeOver([{ name: "one", rows: exact([0.9, 1, 1.1, 1.2, 9]) }], 0.8)).toEqual({
      low: 0.9,
      high: 1.2,
    });
    expect(rangeOver([{ name: "one", rows: [{ below: 1.4, above: 0.8 }] }], 1)).toEqual({ low: 1, high: 1 });
  });

  test("each source has the same weight, and a source left out does not help itself", () => {
    const sources: Source[] = [
      { name: "near", rows: exact([0.95, 1.05, 1, 1, 1, 1, 1, 1]) },
      { name: "far", rows: exact([2, 2.5]) },
    ];
    expect(rangeOver(sources, 0.75)).toEqual({ low: 0.95, high: 2 });
    expect(leftOut(sources).map(({ range }) => range)).toEqual([
      { low: 1, high: 2.5 },
      { low: 0.95, high: 1.05 },
    ]);
  });
});

/** Share of rows inside the range that the other sources give, and the widths of those ranges. */
function scoreLeftOut(rows: readonly Sourced[]): { readonly inside: number; readonly widths: number[] } {
  const scores = leftOut(reaches(rows));
  const inside = scores.flatMap(({ source, range }) => source.rows.filter((one) => isInside(one, range)));
  const widths = scores.flatMap(({ source, range }) =>
    rows.filter((one) => one.source === source.name).map((one) => widthOf(one, range)),
  );
  return { inside: inside.length / rows.length, widths };
}

const within = (errors: readonly number[], limit: number): number =>
  errors.filter((error) => Math.abs(error) <= limit).length / errors.length;
const medianOf = (errors: readonly number[]): number => middle(errors.map(Math.abs));

describe.skipIf(!hasRows)("published rows, whole sources left out", () => {
  const memory = hasRows ? memoryRows() : [];
  const speed = hasRows ? speedRows() : [];

  test.each<[string, readonly Sourced[], Factors]>([
    ["memory", memory, rangeFactors],
    ["tokens per second", speed, speedFactors],
  ])("%s: the stated factors are those of all sources", (_, rows, factors) => {
    const found = rangeOver(reaches(rows));
    expect(factors.low).toBeCloseTo(found.low, 2);
    expect(factors.high).toBeCloseTo(found.high, 2);
  });

  test("memory: nine in ten in range, median error 8 %, a range of 2.2", () => {
    const { inside, widths } = scoreLeftOut(memory);
    expect(memory.length).toBe(137);
    expect(inside).toBeGreaterThanOrEqual(asked);
    expect(middle(widths)).toBeLessThanOrEqual(2.2);
    expect(medianOf(memory.map(errorOf))).toBeLessThanOrEqual(0.08);
    const trivial = trivialErrors(memory, ({ row }) => row["method"] ?? "");
    expect(medianOf(memory.map(errorOf))).toBeLessThan(medianOf(trivial) / 4);
  });

  test("full fine-tuning in bfloat16: nine in ten within 15 %", () => {
    const rows = memory.filter(
      ({ row, setting }) => row["method"] === "full" && setting.stack.fullWeightBytes === 2,
    );
    expect(rows.length).toBe(16);
    // m41a takes 7 bytes a parameter, less than weights, gradients and moments of the optimizer that its source names
    const far = rows.filter((one) => Math.abs(errorOf(one)) > 0.15).map(({ row }) => row["id"]);
    expect(far).toEqual(["m41a"]);
  });

  test("speed: nine in ten in range, 60 % within 25 %", () => {
    const { inside } = scoreLeftOut(speed);
    expect(speed.length).toBe(46);
    expect(inside).toBeGreaterThanOrEqual(asked);
    expect(within(speed.map(errorOf), 0.25)).toBeGreaterThanOrEqual(0.6);
    expect(medianOf(speed.map(errorOf))).toBeLessThan(medianOf(trivialErrors(speed, () => "")) / 2);
  });

  test.each(["memory", "time"] as const)(
    "the cards that %s says were measured are those of the rows",
    (quantity) => {
      const rows = quantity === "memory" ? memory : speed;
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
