import { xoshiro128From } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { correlation, relatedCorrelation, sampleOf, type WeightSamples } from "./weight-sample.ts";

function weights(seed: number, length = 5000): Float32Array {
  const random = xoshiro128From(seed);
  return Float32Array.from({ length }, () => random() - 0.5);
}

const samplesOf = (...all: Float32Array[]): WeightSamples =>
  new Map(all.map((values, at) => [`w${at}`, sampleOf(values)]));

describe("samples of weights", () => {
  test("are spread over the matrix, and all of a small one", () => {
    expect([...sampleOf(Float32Array.from([1, 2, 3]))]).toEqual([1, 2, 3]);
    const found = sampleOf(Float32Array.from({ length: 320 }, (_, at) => at));
    expect([...found.slice(0, 3), found.at(-1)]).toEqual([0, 10, 20, 310]);
  });

  test("tell a tuned model from a stranger", () => {
    const [one, two] = [weights(1), weights(2)];
    const tuned = one.map((value, at) => value + 0.05 * (weights(3)[at] ?? 0));
    expect(correlation(samplesOf(one, two), samplesOf(tuned, two))).toBeGreaterThan(0.95);
    expect(Math.abs(correlation(samplesOf(one, two), samplesOf(weights(5), weights(6))))).toBeLessThan(
      relatedCorrelation / 2,
    );
  });

  test("agree in what both have; nothing in common is no relation", () => {
    expect(correlation(samplesOf(weights(1)), samplesOf(weights(1), weights(2)))).toBeCloseTo(1, 10);
    expect(correlation(new Map(), samplesOf(weights(1)))).toBe(0);
    expect(correlation(samplesOf(new Float32Array(9)), samplesOf(new Float32Array(9)))).toBe(0);
  });
});
