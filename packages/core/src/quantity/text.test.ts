import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, seconds, usd } from "./quantity.ts";
import { bytesText, countText, secondsText, usdText } from "./text.ts";

describe("bytesText", () => {
  it.each([
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [1234, "1.23 kB"],
    [999_499, "999 kB"],
    [999_500, "1 MB"],
    [1_050_000_000, "1.05 GB"],
    [2_500_000_000_000, "2.5 TB"],
    [7_000_000_000_000_000, "7000 TB"],
  ])("%d is %s", (count, expected) => {
    expect(bytesText(bytes(count))).toBe(expected);
  });

  it("never shows four digits before the unit changes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_000_000_000_000 }), (count) => {
        const shown = Number(bytesText(bytes(count)).split(" ")[0]);
        expect(shown).toBeLessThan(1000);
      }),
    );
  });
});

describe("usdText", () => {
  it.each([
    [0, "$0.00"],
    [3.1, "$3.10"],
    [1234.5, "$1234.50"],
    [0.999, "$1.00"],
    [0.25, "$0.250"],
    [0.0412, "$0.041"],
    [0.004, "$0.004000"],
    [0.000_001, "$0.000001"],
    [-2.5, "-$2.50"],
    [-0.004, "-$0.004000"],
  ])("%d is %s", (amount, expected) => {
    expect(usdText(usd(amount))).toBe(expected);
  });

  it("shows zero only for nothing at all", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (micro) => {
        expect(usdText(usd(micro / 1e6))).toMatch(/[1-9]/);
      }),
    );
  });
});

describe("secondsText", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "0 ms"],
    [0.25, "250 ms"],
    [0.96, "1.0 s"],
    [9.94, "9.9 s"],
    [9.96, "10 s"],
    [48, "48 s"],
    [59.6, "1 min"],
    [60, "1 min"],
    [200, "3 min 20 s"],
    [3599, "59 min 59 s"],
    [3600, "1 h"],
    [6600, "1 h 50 min"],
    [7199, "2 h"],
    [360_000, "100 h"],
  ])("%d is %s", (time, expected) => {
    expect(secondsText(seconds(time))).toBe(expected);
  });

  it("never shows sixty of a smaller unit", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (time) => {
        expect(secondsText(seconds(time))).not.toMatch(/\b60 (s|min)\b/);
      }),
    );
  });
});

describe("countText", () => {
  it.each([
    [0, "0"],
    [317, "317"],
    [9_994, "9994"],
    [10_000, "10 k"],
    [45_000, "45 k"],
    [999_499, "999 k"],
    [999_500, "1 M"],
    [1_204_000, "1.2 M"],
    [134_515_008, "135 M"],
    [999_499_999, "999 M"],
    [999_500_000, "1 B"],
    [7_241_732_096, "7.24 B"],
  ])("%d is %s", (count, expected) => {
    expect(countText(count)).toBe(expected);
  });
});
