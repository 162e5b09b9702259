/** @file Power laws: known ones are found again, and draws scatter as the points do. */
import { describe, expect, test } from "vitest";
import { drawForecasts, fitPowerLaw, lossAt } from "./forecast.ts";

const points = (law: (step: number) => number, count = 10): { step: number; loss: number }[] =>
  Array.from({ length: count }, (_, i) => ({ step: 10 * (i + 1), loss: law(10 * (i + 1)) }));

describe("fitPowerLaw", () => {
  test.each([
    [0.5, 3, 0.3],
    [1.2, 8, 0.9],
    [0, 4, 0.2],
  ])("%d + %d t^-%d is foreseen to two percent at ten times the steps", (floor, slope, rate) => {
    const law = (step: number): number => floor + slope * step ** -rate;
    const foreseen = lossAt(fitPowerLaw(points(law)), 1000);
    expect(Math.abs(foreseen / law(1000) - 1)).toBeLessThan(0.02);
  });

  test("a loss that rises is foreseen at its mean, a steep one never below zero", () => {
    expect(fitPowerLaw(points((step) => 1 + step / 100))).toMatchObject({ slope: 0 });
    expect(lossAt(fitPowerLaw(points((step) => Math.max(0.01, 3 - step / 30))), 1e6)).toBeGreaterThanOrEqual(
      0,
    );
  });
});

describe("drawForecasts", () => {
  const noise = (scatter: number) => (step: number) =>
    1 + 5 * step ** -0.5 + scatter * Math.sin(step * 12.9898);
  const spread = (values: readonly number[]): number => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[Math.floor(0.95 * sorted.length)] ?? 0) - (sorted[Math.floor(0.05 * sorted.length)] ?? 0);
  };

  test("the same seed draws the same, another seed does not", () => {
    const given = points(noise(0.1));
    expect(drawForecasts(given, 500, 20, 1)).toEqual(drawForecasts(given, 500, 20, 1));
    expect(drawForecasts(given, 500, 20, 1)).not.toEqual(drawForecasts(given, 500, 20, 2));
  });

  test("draws scatter where points do", () => {
    const [calm, wild] = [0.001, 0.2].map((scatter) =>
      spread(drawForecasts(points(noise(scatter)), 500, 200, 1)),
    );
    expect(calm).toBeLessThan(0.05);
    expect(wild).toBeGreaterThan(5 * (calm ?? 0));
  });

  test("thousands of looks are thinned, and foreseen alike", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ step: i + 1, loss: 1 + 5 * (i + 1) ** -0.5 }));
    const [draw = 0] = drawForecasts(many, 50_000, 1, 1);
    expect(Math.abs(draw - (1 + 5 * 50_000 ** -0.5))).toBeLessThan(0.03);
  });
});
