/** @file An unknown optimizer name is rejected instead of falling back to another optimizer. */
import { expect, test } from "vitest";
import { type OptimizerSettings, startMoments, update } from "./optimizer.ts";

const settings: OptimizerSettings = {
  optimizer: "adamw",
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};
const step = { step: 1, learningRate: 0.1, gradientScale: 1 };

test.each([
  ["adamw", 1, 0.9],
  ["sgd", 0, 0.8],
] as const)("%s", (optimizer, secondMoments, expected) => {
  const own = { ...settings, optimizer };
  const moments = startMoments(own, 1);
  const values = Float32Array.of(1);
  update(own, values, Float32Array.of(2), moments, step);
  expect(values[0]).toBeCloseTo(expected, 5);
  expect(moments.second).toHaveLength(secondMoments);
});

test("an unknown optimizer trains nothing", () => {
  const unknown = { ...settings, optimizer: "lion" } as unknown as OptimizerSettings;
  const values = Float32Array.of(1);
  const moments = { first: new Float32Array(1), second: new Float32Array(1) };
  expect(() => startMoments(unknown, 1)).toThrow();
  expect(() => update(unknown, values, Float32Array.of(2), moments, step)).toThrow();
  expect(values[0]).toBe(1);
});
