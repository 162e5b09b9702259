import { usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { sweptRate } from "../../executors/index.ts";
import { type RangeOutcome, rangeChart, rangeSentence } from "../../report/index.ts";
import { learningRateKey, narrowByOutcome } from "./range-outcome.ts";

const ends = { low: 1e-5, high: 1e-1 };

const outcome: RangeOutcome = {
  run: "run-0",
  steps: [1, 2, 3, 4, 5].map((step) => ({
    rate: sweptRate(ends, step, 5),
    loss: [3, 3, 2, 1, 9][step - 1] ?? null,
  })),
  test: { usable: { low: 1e-3, high: 1e-2 }, steepest: 5e-3, diverges: 1e-1 },
  given: ends,
  kept: { low: 1e-3, high: 1e-2 },
  microUsd: usd(0.01),
};
const nothing: RangeOutcome = {
  ...outcome,
  kept: ends,
  test: { usable: null, steepest: null, diverges: null },
};

test("rates rise from end to end by equal factors", () => {
  const rates = [1, 2, 3, 4, 5].map((step) => sweptRate(ends, step, 5));
  for (const [at, rate] of rates.entries()) expect(rate).toBeCloseTo(10 ** (at - 5), 12);
});

test("the space keeps to what the test left, and to all where there was none", () => {
  const knob = { kind: "log-uniform" as const, ...ends };
  const rank = { kind: "choice" as const, values: [4, 8] };
  const given = {
    space: { [learningRateKey]: knob, "method.rank": rank },
    defaults: { [learningRateKey]: 2e-4, "method.rank": 8 },
  };
  expect(narrowByOutcome(given, null)).toEqual(given);
  expect(narrowByOutcome(given, nothing)).toEqual(given);
  expect(narrowByOutcome(given, outcome)).toEqual({
    ...given,
    space: { [learningRateKey]: { kind: "log-uniform", low: 1e-3, high: 1e-2 }, "method.rank": rank },
  });
});

test("it is told in words and as a drawing", () => {
  expect(rangeSentence(outcome)).toBe(
    "Over 5 steps the learning rate rose from 0.00001 to 0.1. The loss began to fall at 0.001 and was lowest at 0.01. From 0.1 on it ran away. Trials keep to 0.001 to 0.01.",
  );
  expect(rangeSentence(nothing)).toContain("did not fall beyond its noise. No rate was left out.");
  expect(rangeSentence({ ...outcome, kept: ends })).toContain("No rate was left out.");
  const drawing = rangeChart(outcome)?.markup ?? "";
  expect(drawing).toContain("the lowest is 1.000");
  expect(drawing.match(/class="bound"/g)).toHaveLength(2);
  expect(drawing).not.toContain("NaN");
  expect(rangeChart(nothing)?.markup).not.toContain('class="bound"');
  const none = outcome.steps.map(({ rate }) => ({ rate, loss: null }));
  expect(rangeChart({ ...outcome, steps: none })).toBeNull();
});
