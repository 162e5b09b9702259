import { describe, expect, it } from "vitest";
import { sampleReport } from "../../../../../test/support/sample-report.ts";
import type { CurvePoint, ScoreLine } from "../run/report.ts";
import { finitePoints, lossChart, smoothed, thinned } from "./loss-chart.ts";
import { exactScale, roundScale } from "./scale.ts";
import { scoreChart } from "./score-chart.ts";

function curve(losses: readonly number[]): CurvePoint[] {
  return losses.map((loss, i) => ({ step: i + 1, loss }));
}

describe("roundScale", () => {
  const cases: [number, number, number, number[]][] = [
    [0, 2.41, 5, [0, 0.5, 1, 1.5, 2, 2.5]],
    [0.31, 0.34, 3, [0.31, 0.32, 0.33, 0.34]],
    [1, 1, 5, [1, 1.2]],
    [0, 0, 5, [0, 0.2]],
    [-3, 8, 5, [-5, 0, 5, 10]],
    [0, 1e-9, 2, [0, 5e-10, 1e-9]],
  ];
  it.each(cases)("from %d to %d", (low, high, count, ticks) => {
    const scale = roundScale(low, high, 100, 0, count);
    expect(scale.ticks).toEqual(ticks);
    expect(scale.place(ticks.at(0) ?? 0)).toBe(100);
    expect(scale.place(ticks.at(-1) ?? 0)).toBeCloseTo(0, 9);
  });
});

describe("exactScale", () => {
  const cases: [number, number, number[]][] = [
    [1, 300, [50, 100, 150, 200, 250, 300]],
    [1, 3, [1, 2, 3]],
    [5, 5, [5]],
    [1, 12_000, [2000, 4000, 6000, 8000, 10_000, 12_000]],
  ];
  it.each(cases)("from %d to %d", (low, high, ticks) => {
    const scale = exactScale(low, high, 0, 100, 8);
    expect(scale.ticks).toEqual(ticks);
    expect(scale.place(low)).toBe(0);
  });
});

describe("thinned", () => {
  it("keeps a short curve as it is", () => {
    expect(thinned(curve([3, 2, 1]), 3)).toEqual(curve([3, 2, 1]));
  });

  it("keeps every spike and the order of a long one", () => {
    const losses = Array.from({ length: 10_000 }, (_, i) => (i === 7777 ? 99 : i === 1234 ? -5 : 1));
    const kept = thinned(curve(losses), 600);
    expect(kept.length).toBeLessThanOrEqual(600);
    expect(kept).toContainEqual({ step: 7778, loss: 99 });
    expect(kept).toContainEqual({ step: 1235, loss: -5 });
    expect(kept.map((point) => point.step)).toEqual(
      kept.map((point) => point.step).toSorted((a, b) => a - b),
    );
  });
});

describe("smoothed", () => {
  it("leaves a line a line, ends included", () => {
    const line = curve(Array.from({ length: 400 }, (_, i) => 3 - i / 200));
    for (const point of smoothed(line, 100)) expect(point.loss).toBeCloseTo(3 - (point.step - 1) / 200, 9);
    expect(smoothed(line, 100)).toHaveLength(100);
  });

  it("takes noise away", () => {
    const noisy = curve(Array.from({ length: 400 }, (_, i) => 1 + (i % 2)));
    for (const point of smoothed(noisy, 100).slice(5, -5))
      expect(Math.abs(point.loss - 1.5)).toBeLessThan(0.1);
  });

  it.each([0, 1, 2])("can do with %d points", (count) => {
    const few = curve(Array.from({ length: count }, (_, i) => i));
    expect(smoothed(few, 100)).toEqual(few);
  });
});

describe("lossChart", () => {
  const none = { train: [], validation: [], keptStep: null };
  it.each([
    ["nothing", none],
    ["one point", { ...none, train: curve([1]) }],
    ["no numbers", { ...none, train: curve([Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]) }],
  ])("draws nothing for %s", (_, curves) => {
    expect(lossChart(curves)).toBeNull();
  });

  it("holds no NaN, whatever the curves hold", () => {
    const train = curve([3, Number.NaN, 2, Number.POSITIVE_INFINITY, 1]);
    for (const validation of [[], curve([Number.NaN, 2])]) {
      const { markup } = lossChart({ train, validation, keptStep: 3 }) ?? { markup: "" };
      expect(markup).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(finitePoints(train)).toHaveLength(3);
  });

  it("draws a hundred thousand steps in a small file", () => {
    const losses = Array.from({ length: 100_000 }, (_, i) => 2 + Math.sin(i));
    const { markup } = lossChart({ ...none, train: curve(losses) }) ?? { markup: "" };
    expect(markup.length).toBeGreaterThan(1000);
    expect(markup.length).toBeLessThan(20_000);
  });
});

describe("scoreChart", () => {
  it("draws shares only, and every value within the drawing", () => {
    const { markup } = scoreChart(sampleReport().scores) ?? { markup: "" };
    expect(markup.match(/class="tuned-dot"/g)).toHaveLength(4);
    expect(markup).not.toContain("perplexity");
    for (const [, x] of markup.matchAll(/\bcx="([^"]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(190);
      expect(Number(x)).toBeLessThanOrEqual(690);
    }
  });

  it("draws nothing without a share that was judged", () => {
    const [line] = sampleReport().scores;
    const unjudged = { ...line, tuned: { value: Number.NaN, interval: null, rows: 0 } } as ScoreLine;
    expect(scoreChart([])).toBeNull();
    expect(scoreChart([unjudged])).toBeNull();
    expect(scoreChart([{ ...line, base: null, comparison: null } as ScoreLine])?.markup).not.toContain(
      "change",
    );
  });
});
