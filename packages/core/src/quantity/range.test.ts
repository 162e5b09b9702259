import { describe, expect, it } from "vitest";
import { seconds, usd } from "./quantity.ts";
import { range } from "./range.ts";

describe("range", () => {
  it("holds its three points", () => {
    expect(range(usd(1), usd(2), usd(4))).toEqual({ low: 1_000_000, expected: 2_000_000, high: 4_000_000 });
  });

  it("may have no width", () => {
    expect(range(seconds(5), seconds(5), seconds(5)).high).toBe(5);
  });

  it.each([
    [2, 1, 3],
    [1, 3, 2],
    [3, 2, 1],
    [1, Number.NaN, 3],
  ])("refuses points out of order: %d, %d, %d", (low, expected, high) => {
    const points = () => range(seconds(low), expected as ReturnType<typeof seconds>, seconds(high));
    expect(points).toThrow(`Internal: a range must rise, got ${low}, ${expected}, ${high}`);
  });
});
