/** @file Tests training losses against their definitions and by finite differences. */
import { describe, expect, test } from "vitest";
import { type LabelledTokens, type LossName, losses, lossNames } from "./losses.ts";

const tokens: LabelledTokens = {
  logProbabilities: Float32Array.of(-0.01, -0.5, -3, -12, -1, -2),
  weights: Float32Array.of(1, 1, 0.5, 2, 0, 1),
  owners: Int32Array.of(0, 0, 0, 2, 2, 2),
  rows: 4,
};

const total = (sums: Float64Array): number => sums.reduce((sum, value) => sum + value, 0);

/** Losses by definition, for probabilities p; `q` is p where it is constant in the derivative. */
const definitions: Readonly<Record<LossName, (p: number, q: number) => number>> = {
  nll: (p) => -Math.log(p),
  dft: (p, q) => -q * Math.log(p),
};

describe.each(lossNames)("%s", (name) => {
  const { sums, derivatives } = losses[name].compute(tokens);
  const lossAt = (label: number, logProbability: number, constant = logProbability): number =>
    (tokens.weights[label] as number) * definitions[name](Math.exp(logProbability), Math.exp(constant));

  test("sums of rows", () => {
    const expected = [0, 0, 0, 0];
    for (const [label, logProbability] of tokens.logProbabilities.entries()) {
      const owner = tokens.owners[label] as number;
      expected[owner] = (expected[owner] as number) + lossAt(label, logProbability);
    }
    for (const [row, sum] of sums.entries()) expect(sum).toBeCloseTo(expected[row] as number, 12);
  });

  test("derivatives", () => {
    for (const [label, at] of tokens.logProbabilities.entries()) {
      const step = 1e-4;
      const slope = (lossAt(label, at + step, at) - lossAt(label, at - step, at)) / (2 * step);
      expect(derivatives[label]).toBeCloseTo(slope, 6);
    }
  });

  test("a likelihood's derivatives are minus the weights, which the head relies on", () => {
    const isConstant = tokens.weights.every((weight, label) => derivatives[label] === -weight);
    expect(losses[name].isLikelihood).toBe(isConstant);
  });

  test("no labels", () => {
    const none = new Float32Array(0);
    const empty = { logProbabilities: none, weights: none, owners: new Int32Array(0), rows: 2 };
    expect(losses[name].compute(empty)).toEqual({ sums: new Float64Array(2), derivatives: none });
  });
});

test("Dynamic Fine-Tuning is at most 1/e per token, where p is 1/e", () => {
  const near = Float32Array.of(-0.9, -1, -1.1);
  const ones = new Float32Array(3).fill(1);
  const { sums } = losses.dft.compute({
    logProbabilities: near,
    weights: ones,
    owners: Int32Array.of(0, 1, 2),
    rows: 3,
  });
  expect(sums[1]).toBeCloseTo(1 / Math.E, 12);
  expect(Math.max(...sums)).toBe(sums[1]);
  expect(total(sums)).toBeLessThan(3 / Math.E);
});
