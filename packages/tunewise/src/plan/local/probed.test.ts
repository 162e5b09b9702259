import { seconds } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { ProbeFacts } from "../input.ts";
import type { TimeEstimate, TimePart } from "../plan.ts";
import { type ProbedWork, withProbe } from "./probed.ts";

const part = (name: TimePart["name"], time: number): TimePart => ({
  name,
  seconds: { low: seconds(time / 2), expected: seconds(time), high: seconds(2 * time) },
  reason: "a formula",
});
const formula: TimeEstimate = {
  parts: [
    part("start", 4),
    part("train", 100),
    part("validate", 10),
    part("save", 1),
    part("test-base", 20),
    part("test-tuned", 20),
  ],
  seconds: { low: seconds(77.5), expected: seconds(155), high: seconds(310) },
  flopsPerSecond: { low: 1, expected: 1, high: 1 },
  isRateMeasured: true,
  isProbed: false,
  trainTokensPerSecond: { low: 1, expected: 2, high: 3 },
};
const row = (tokens: number, answer: number) => ({
  tokens,
  promptTokens: tokens - answer,
  labelledTokens: answer,
});
const work: ProbedWork = {
  tokens: 60_000,
  evaluations: 3,
  validation: [row(100, 10), row(200, 20)],
  test: [row(100, 10), row(100, 30), row(100, 5)],
  forgettingTokens: 4_000,
  batchSize: 2,
  maxNewTokens: 25,
};
const facts: ProbeFacts = {
  startSeconds: 6,
  steps: 12,
  trainTokensPerSecond: 300,
  lossTokensPerSecond: 1_000,
  decode: { secondsPerToken: 0.1, prefillSeconds: 0.5, baseTokens: 25 },
};

const expected = (estimate: TimeEstimate, name: string): number | undefined =>
  estimate.parts.find((one) => one.name === name)?.seconds.expected;

test("each part that was measured is replaced, the rest stays", () => {
  const probed = withProbe(formula, facts, work);
  expect(expected(probed, "start")).toBe(6);
  expect(expected(probed, "train")).toBe(200);
  expect(expected(probed, "validate")).toBeCloseTo((3 * 300) / 1_000, 9);
  expect(expected(probed, "save")).toBe(1);
  expect(expected(probed, "test-base")).toBeCloseTo(2 * 0.5 + (25 + 25) * 0.1, 9); // as in the probe
  expect(expected(probed, "test-tuned")).toBeCloseTo(2 * 0.5 + (25 + 5) * 0.1, 9); // 30 is limited to 25, then 5
  expect(probed.isProbed).toBe(true);
  expect(probed.seconds.expected).toBeCloseTo(6 + 200 + 0.9 + 1 + 6 + 4, 9);
});

test("the range is narrower than a formula's", () => {
  const train = withProbe(formula, facts, work).parts.find(({ name }) => name === "train")?.seconds;
  expect((train?.high ?? 0) / (train?.low ?? 1)).toBeLessThan(1.25);
});

test("judging by loss alone needs no decoding", () => {
  const probed = withProbe(formula, { ...facts, decode: null }, work);
  expect(expected(probed, "test-base")).toBeCloseTo(0.3, 9);
  const nothing = withProbe(formula, { ...facts, decode: null, lossTokensPerSecond: null }, work);
  expect(expected(nothing, "test-base")).toBe(20);
});
