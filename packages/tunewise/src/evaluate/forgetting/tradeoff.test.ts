/** @file Tests the best trade-off on a table of curves, and its invariants on any curve. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseTradeoff, type TradeoffPoint } from "./tradeoff.ts";

const limits = { maxPerplexityRise: 0.05, maxKl: null };
const point = (step: number, validationLoss: number, perplexityRise: number, kl: number | null = null) => ({
  step,
  validationLoss,
  perplexityRise,
  kl,
});

const cases: [string, TradeoffPoint[], number | null][] = [
  ["nothing measured", [], null],
  ["one checkpoint", [point(5, 2, 0.2)], 5],
  ["gain without forgetting: the last", [point(1, 2, 0), point(2, 1.5, 0), point(3, 1.2, 0)], 3],
  [
    "the best beyond the limit: the best within",
    [point(1, 2, 0.01), point(2, 1.5, 0.04), point(3, 1, 0.06)],
    2,
  ],
  ["a small gain for much of the limit: the earlier", [point(1, 1.5, 0.01), point(2, 1.45, 0.045)], 1],
  ["a tenth of gain for less than the limit: the later", [point(1, 1.5, 0.01), point(2, 1.35, 0.049)], 2],
  ["all beyond: the least forgetting", [point(1, 2, 0.3), point(2, 1.5, 0.1), point(3, 1.2, 0.2)], 2],
  ["equals: the earlier", [point(1, 1.5, 0.01), point(2, 1.5, 0.01)], 1],
  ["all beyond by as much: the earlier", [point(1, 2, 0.1), point(2, 1.5, 0.1)], 1],
  ["beyond, what was within before stays", [point(1, 2, 0.01), point(2, 1, 0.1), point(3, 1.9, 0.06)], 1],
  ["a worse one within goes before a better one beyond", [point(1, 0.5, 0.06), point(2, 2, 0.04)], 2],
  ["the whole limit is within", [point(1, 2, 0.01), point(2, 1, 0.05)], 2],
  [
    "less than nothing forgotten, and no gain: the one that forgot less",
    [point(1, 2, -0.1), point(2, 2, -0.2)],
    2,
  ],
  ["no loss left: the one that forgot less", [point(1, 0, 0.02), point(2, 0, 0.01)], 2],
  ["hardly any loss left: the smaller", [point(1, 1e-10, 0), point(2, 1e-12, 0), point(3, 1e-11, 0)], 2],
  ["no numbers are left out", [point(1, Number.NaN, 0), point(2, 2, Number.NaN), point(3, 3, 0)], 3],
  ["text that reads better earns nothing", [point(1, 1.5, -0.2), point(2, 1.49, 0)], 2],
];

describe("chooseTradeoff", () => {
  it.each(cases)("%s", (_, points, step) => {
    expect(chooseTradeoff(points, limits)).toBe(step);
  });

  it("heeds the limit on divergence where there is one", () => {
    const points = [point(1, 1.5, 0.01, 0.05), point(2, 1, 0.01, 0.5)];
    expect(chooseTradeoff(points, { ...limits, maxKl: 0.1 })).toBe(1);
    expect(chooseTradeoff(points, limits)).toBe(2);
    const calm = [point(1, 1.5, 0.02, 0.05), point(2, 1, 0.01, 0.5)]; // beyond the limit by divergence only
    expect(chooseTradeoff(calm, { ...limits, maxKl: 0.1 })).toBe(1);
  });

  it("holds the limit on divergence to be within, and what was not measured", () => {
    const chosen = (kl: number | null) =>
      chooseTradeoff([point(1, 1.5, 0.01, 0.05), point(2, 1, 0.01, kl)], { ...limits, maxKl: 0.1 });
    expect([0.1, 0.1001, null, Number.NaN].map(chosen)).toEqual([2, 1, 2, 1]);
  });

  // the whole allowed rise must lower the loss by a tenth: ln(2 / 1.81) is below 0.1, ln(2 / 1.80) above
  it("pays for the whole limit with a tenth of the loss, whatever the limit", () => {
    for (const maxPerplexityRise of [0.01, 0.05, 0.4]) {
      const chosen = (loss: number) =>
        chooseTradeoff([point(1, 2, 0), point(2, loss, maxPerplexityRise)], {
          maxPerplexityRise,
          maxKl: null,
        });
      expect([chosen(1.81), chosen(1.8)]).toEqual([1, 2]);
    }
  });

  it("takes what is smaller in both, by however little", () => {
    const points = [point(1, 0.05000000000000005, 5e-324), point(2, 0.050000000000000044, 0)];
    expect(chooseTradeoff(points, limits)).toBe(2);
  });

  const courses = fc
    .array(
      fc.tuple(fc.double({ min: 0.05, max: 5, noNaN: true }), fc.double({ min: 0, max: 0.2, noNaN: true })),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    .map((values) => values.map(([loss, rise], at) => point(at + 1, loss, rise)));

  it("lies on the Pareto front", () => {
    fc.assert(
      fc.property(courses, (points) => {
        const chosen = points.find(({ step }) => step === chooseTradeoff(points, limits));
        const dominating = points.filter(
          (other) =>
            chosen &&
            other.validationLoss < chosen.validationLoss &&
            other.perplexityRise < chosen.perplexityRise,
        );
        expect(dominating).toEqual([]);
      }),
    );
  });

  it("never needs a checkpoint that was passed over before", () => {
    fc.assert(
      fc.property(courses, (points) => {
        let kept: TradeoffPoint | null = null;
        for (const next of points) {
          const two: TradeoffPoint[] = kept ? [kept, next] : [next];
          const step = chooseTradeoff(two, limits);
          kept = two.find((one) => one.step === step) ?? null;
        }
        expect(kept?.step).toBe(chooseTradeoff(points, limits));
      }),
    );
  });
});
