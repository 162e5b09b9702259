import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axesOf, placesOf, pointAt, pointCount, settled } from "./axis.ts";
import { checkPoint, checkSpace } from "./check-space.ts";
import { pointDistance } from "./distance.ts";
import type { Hyperparameter, SearchSpace } from "./hyperparameter.ts";

const space: SearchSpace = {
  rate: { kind: "log-uniform", low: 1e-5, high: 1e-2 },
  dropout: { kind: "uniform", low: 0, high: 0.5 },
  epochs: { kind: "integer", low: 1, high: 5 },
  rank: { kind: "log-integer", low: 1, high: 64 },
  batch: { kind: "choice", values: [4, 8, 16], ordered: true },
  schedule: { kind: "choice", values: ["cosine", "constant", false] },
};
const axes = axesOf(space);

describe("a space", () => {
  it("brings every place back to a point and the point to the same place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (places) => {
          const point = pointAt(axes, places);
          checkPoint(axes, point, false);
          expect(pointAt(axes, placesOf(axes, point))).toEqual(point);
          expect(pointDistance(axes, settled(axes, places), placesOf(axes, point))).toBe(0);
        },
      ),
    );
  });

  it("draws logarithmic knobs evenly in their logarithm, and every whole number", () => {
    const rate = axes.find(({ name }) => name === "rate");
    expect(rate?.value(1 / 3)).toBe(1e-4);
    const rank = axes.find(({ name }) => name === "rank");
    const all = new Set(Array.from({ length: 2000 }, (_, at) => rank?.value(at / 2000)));
    expect([...all].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 64 }, (_, at) => at + 1),
    );
    expect(Array.from({ length: 64 }, (_, at) => rank?.value(rank.cell(at)))).toEqual([...all]);
  });

  it("has as many points as its knobs make", () => {
    expect(pointCount(axes)).toBe(Number.POSITIVE_INFINITY);
    const { epochs, batch } = space as { epochs: Hyperparameter; batch: Hyperparameter };
    expect(pointCount(axesOf({ epochs, batch }))).toBe(15);
  });

  it("measures distance in noise: the knob that differs most decides, values of a set are never near", () => {
    const at = (point: object) => placesOf(axes, { ...base, ...point });
    const base = { rate: 1e-3, dropout: 0.1, epochs: 3, rank: 8, batch: 8, schedule: "cosine" };
    const from = at({});
    expect(pointDistance(axes, from, at({ rate: 1.1e-3 }))).toBeLessThan(1);
    expect(pointDistance(axes, from, at({ rate: 1.2e-3 }))).toBeGreaterThan(1);
    expect(pointDistance(axes, from, at({ epochs: 4 }))).toBeGreaterThan(1);
    expect(pointDistance(axes, from, at({ schedule: false }))).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets the recipe's own settings lie beyond its ends, and nobody else's", () => {
    const point = { rate: 1, dropout: 0.1, epochs: 3, rank: 8, batch: 8, schedule: "cosine" };
    checkPoint(axes, point, true);
    expect(() => checkPoint(axes, point, false)).toThrow(
      expect.objectContaining({ code: "SEARCH_POINT_INVALID" }),
    );
  });

  const points: [string, object][] = [
    ["lacks a knob", { rate: 1e-3 }],
    [
      "has one too many",
      { rate: 1e-3, dropout: 0.1, epochs: 3, rank: 8, batch: 8, schedule: "cosine", x: 1 },
    ],
    ["has no such choice", { rate: 1e-3, dropout: 0.1, epochs: 3, rank: 8, batch: 5, schedule: "cosine" }],
    [
      "has text for a number",
      { rate: "1e-3", dropout: 0.1, epochs: 3, rank: 8, batch: 8, schedule: "cosine" },
    ],
    ["has no number", { rate: Number.NaN, dropout: 0.1, epochs: 3, rank: 8, batch: 8, schedule: "cosine" }],
  ];
  it.each(points)("refuses a point that %s", (_, point) => {
    expect(() => checkPoint(axes, point as never, true)).toThrow(
      expect.objectContaining({ code: "SEARCH_POINT_INVALID" }),
    );
  });

  const knobs: [string, unknown][] = [
    ["ends that fall", { kind: "uniform", low: 2, high: 1 }],
    ["ends that are not finite", { kind: "uniform", low: 0, high: Number.POSITIVE_INFINITY }],
    ["a logarithm of 0", { kind: "log-uniform", low: 0, high: 1 }],
    ["a whole number that is none", { kind: "integer", low: 0.5, high: 4 }],
    ["noise of nothing", { kind: "uniform", low: 0, high: 1, noise: 0 }],
    ["one value to choose from", { kind: "choice", values: [1] }],
    ["a value twice", { kind: "choice", values: [1, 1] }],
    ["a choice that is no number", { kind: "choice", values: [1, Number.NaN] }],
    ["a kind that is none", { kind: "normal", low: 0, high: 1 }],
  ];
  it.each(knobs)("refuses a knob with %s", (_, knob) => {
    expect(() => checkSpace({ a: knob as Hyperparameter })).toThrow(
      expect.objectContaining({ code: "SEARCH_SETTING_INVALID" }),
    );
  });

  it("refuses to be empty", () => {
    expect(() => checkSpace({})).toThrow(expect.objectContaining({ code: "SEARCH_SETTING_INVALID" }));
  });
});
