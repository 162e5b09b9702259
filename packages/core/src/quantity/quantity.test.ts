import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, cost, dollars, seconds, tokens, usd } from "./quantity.ts";

const notFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe("makers of quantities", () => {
  it.each([
    [0, 0],
    [1, 1],
    [1.01, 2],
    [4096, 4096],
    [0.0001, 1],
  ])("bytes(%d) rounds up to %d", (count, expected) => {
    expect(bytes(count)).toBe(expected);
  });

  it.each([
    [0, 0],
    [3, 3_000_000],
    [0.000_000_4, 0],
    [0.000_000_6, 1],
    [-1.5, -1_500_000],
    [0.1, 100_000],
  ])("usd(%d) is %d micro-dollars", (amount, expected) => {
    expect(usd(amount)).toBe(expected);
  });

  it.each([
    [0.4, 0],
    [0.5, 1],
    [12, 12],
  ])("tokens(%d) is %d", (count, expected) => {
    expect(tokens(count)).toBe(expected);
  });

  it("keeps seconds as they are", () => {
    expect(seconds(0.125)).toBe(0.125);
  });

  it.each([
    ["bytes", bytes],
    ["seconds", seconds],
    ["usd", usd],
    ["tokens", tokens],
  ])("%s refuses what is not finite, as a bug of ours", (name, make) => {
    for (const value of notFinite) {
      expect(() => make(value)).toThrow(`Internal: ${name} must be finite, got ${value}`);
    }
  });
});

describe("money", () => {
  it("adds up without drifting, unlike dollars as fractions", () => {
    let micro = 0;
    let fractions = 0;
    for (let i = 0; i < 1000; i++) {
      micro += usd(0.1);
      fractions += 0.1;
    }
    expect(micro).toBe(usd(100));
    expect(fractions).not.toBe(100);
  });

  it("survives the way to dollars and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (micro) => {
        expect(usd(dollars(usd(micro / 1e6)))).toBe(micro);
      }),
    );
  });

  it.each([
    [usd(3.6), seconds(1), usd(0.001)],
    [usd(1), seconds(3600), usd(1)],
    [usd(0), seconds(1e9), usd(0)],
    [usd(2.5), seconds(0), usd(0)],
    [usd(0.08), seconds(180), usd(0.004)],
  ])("%d an hour for %d s costs %d", (price, time, expected) => {
    expect(cost(price, time)).toBe(expected);
  });

  it("costs the same in parts as in one, up to a rounding each", () => {
    const price = fc.integer({ min: 0, max: 100_000_000 });
    const parts = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(price, parts, (micro, times) => {
        const whole = times.reduce((sum, time) => sum + time, 0);
        const sum = times.reduce((total, time) => total + cost(usd(micro / 1e6), seconds(time)), 0);
        expect(Math.abs(sum - cost(usd(micro / 1e6), seconds(whole)))).toBeLessThanOrEqual(times.length);
      }),
    );
  });
});
