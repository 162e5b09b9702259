/** @file The ranges that plans state, recomputed from published rows with whole sources left out. */
import { describe, expect, test } from "vitest";
import { measuredCards, rangeFactors, speedFactors } from "../../packages/tunewise/src/plan/index.ts";
import {
  type Factors,
  heldShare,
  isInside,
  leftOut,
  middle,
  neededShare,
  nominalCoverage,
  rangeOver,
  type Source,
} from "./coverage.ts";
import {
  errorOf,
  hasRows,
  inQuadrature,
  memoryRows,
  reaches,
  type Sourced,
  speedRows,
  trivialErrors,
  widthOf,
} from "./sources.ts";

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
    expect(leftOut(sources, 0.96).map(({ range }) => range)).toEqual([
      { low: 1, high: 2.5 },
      { low: 0.95, high: 1.05 },
    ]);
    // sources whose errors do not overlap need the share 1, and even that does not cover them
    expect(neededShare(sources)).toBe(1);
    expect(leftOut(sources, () => 0.5)[0]?.range).toEqual({ low: 1, high: 2 });
  });

  test("a value is at the bound of the range that just holds it, whatever is uncertain by itself", () => {
    const planned = { low: 8, expected: 10, high: 11 };
    for (const measured of [5, 7.5, 8.5, 10, 10.5, 12, 30]) {
      const { below, above } = inQuadrature.reachOf(measured, 0, planned);
      const { low, high } = inQuadrature.rangeOf(planned, { low: below, high: above });
      expect(low).toBeLessThanOrEqual(measured + 1e-9);
      expect(high).toBeGreaterThanOrEqual(measured - 1e-9);
      if (measured < planned.low) expect(low).toBeCloseTo(measured);
      if (measured > planned.high) expect(high).toBeCloseTo(measured);
    }
  });
});

/** Share of rows inside the range derived from the other sources, and the widths of those ranges. */
function scoreLeftOut(
  rows: readonly Sourced[],
  share: Parameters<typeof leftOut>[1],
): { readonly inside: number; readonly widths: number[] } {
  const scores = leftOut(reaches(rows), share);
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

  test.each<[string, readonly Sourced[], number, Factors]>([
    ["memory", memory, heldShare.memory, rangeFactors],
    ["tokens per second", speed, heldShare.speed, speedFactors],
  ])("%s: the stated factors are those of all sources", (_, rows, share, factors) => {
    const found = rangeOver(reaches(rows), share);
    expect(factors.low).toBeCloseTo(found.low, 2);
    expect(factors.high).toBeCloseTo(found.high, 2);
  });

  test.each([
    ["the share that plans rest on", heldShare.memory],
    ["a share that the other sources choose", neededShare],
  ])("memory, %s: nine in ten in range, no range wider than 2.2", (_, share) => {
    const { inside, widths } = scoreLeftOut(memory, share);
    expect(memory.length).toBe(137);
    expect(inside).toBeGreaterThanOrEqual(nominalCoverage);
    expect(Math.max(...widths)).toBeLessThanOrEqual(2.2);
  });

  test("memory: median error 8 %, a quarter of the trivial rule's", () => {
    expect(medianOf(memory.map(errorOf))).toBeLessThanOrEqual(0.08);
    const trivial = trivialErrors(memory, ({ row }) => row["method"] ?? "");
    expect(medianOf(memory.map(errorOf))).toBeLessThan(medianOf(trivial) / 4);
  });

  test("full fine-tuning in bfloat16: nine in ten within 15 %", () => {
    const rows = memory.filter(
      ({ row, setting }) => row["method"] === "full" && setting.stack.fullWeightBytes === 2,
    );
    expect(rows.length).toBe(16);
    // m41a takes 7 bytes per parameter, less than the weights, gradients and optimizer moments that its source names
    const far = rows.filter((one) => Math.abs(errorOf(one)) > 0.15).map(({ row }) => row["id"]);
    expect(far).toEqual(["m41a"]);
  });

  test("speed: nine in ten in range, 60 % within 25 %", () => {
    const { inside } = scoreLeftOut(speed, heldShare.speed);
    expect(speed.length).toBe(46);
    expect(inside).toBeGreaterThanOrEqual(nominalCoverage);
    expect(within(speed.map(errorOf), 0.25)).toBeGreaterThanOrEqual(0.6);
    expect(medianOf(speed.map(errorOf))).toBeLessThan(medianOf(trivialErrors(speed, () => "")) / 2);
  });

  test.each(["memory", "time"] as const)(
    "the cards that %s says were measured are those of the rows",
    (quantity) => {
      const rows = quantity === "memory" ? memory : speed;
      // rows of a program without rules are planned as rows of another program
      const own = rows.filter(({ row, device }) => device !== null && row["stack"] !== "lora-paper");
      expect(own.some(({ setting: { model, trained } }) => model.experts > 1 || "dora" in trained)).toBe(
        false,
      );
      const found = own.map(
        ({ setting: { stack, trained }, device }) => `${stack.name} ${trained.kind} ${device?.name}`,
      );
      const said = Object.entries(measuredCards[quantity]).flatMap(([program, methods]) =>
        Object.entries(methods).flatMap(([method, cards]) =>
          cards.map((card) => `${program} ${method} ${card}`),
        ),
      );
      expect(said.sort()).toEqual([...new Set(found)].sort());
    },
  );
});
