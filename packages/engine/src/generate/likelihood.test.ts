import { expect, test } from "vitest";
import { likelihoods } from "./likelihood.ts";

const logits = Float32Array.from([1, 3, 2, 3, -50]);

test("log probabilities of all tokens add up to 1, whatever the logits are offset by", () => {
  for (const offset of [0, 1000, -1000]) {
    const shifted = logits.map((logit) => logit + offset);
    const { likeliest } = likelihoods(shifted, 0, logits.length);
    const sum = likeliest.reduce((total, { logProbability }) => total + Math.exp(logProbability), 0);
    expect(sum).toBeCloseTo(1, 6);
  }
});

test("the token's own stands beside the likeliest, equal ones in the order of their ids", () => {
  const { own, likeliest } = likelihoods(logits, 2, 3);
  expect(likeliest.map(({ id }) => id)).toEqual([1, 3, 2]);
  expect(own).toEqual(likeliest[2]);
});

test.each([
  [0, 0],
  [2, 2],
  [9, 5],
])("of %i asked for come %i", (count, found) => {
  expect(likelihoods(logits, 0, count).likeliest).toHaveLength(found);
});
