import { type Random, xoshiro128From } from "@tunewise/core/math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseToken } from "./choose-token.ts";

const at =
  (place: number): Random =>
  () =>
    place;

describe("greedy", () => {
  test.each([
    [[1, 3, 2], 1],
    [[2, 3, 3], 1],
    [[-5], 0],
  ])("of %j it is %i", (logits, id) => {
    expect(chooseToken(Float32Array.from(logits), { temperature: 0, topP: 1 }, at(0.99))).toBe(id);
  });
});

describe("sampling", () => {
  // probabilities 0.1, 0.2, 0.3, 0.4
  const logits = Float32Array.from([1, 2, 3, 4], Math.log);

  test.each([
    [1, 0.05, 0],
    [1, 0.25, 1],
    [1, 0.35, 2],
    [1, 0.95, 3],
    // likeliest first: 0.4, then 0.3
    [0.6, 0.5, 3],
    [0.6, 0.6, 2],
    [0.1, 0.99, 3],
  ])("within %f at %f it is %i", (topP, place, id) => {
    expect(chooseToken(logits, { temperature: 1, topP }, at(place))).toBe(id);
  });

  test("a low temperature comes close to greedy", () => {
    expect(chooseToken(logits, { temperature: 0.01, topP: 1 }, at(0.5))).toBe(3);
  });
});

test("a nucleus is the same whether all of the vocabulary is sorted or a part", () => {
  const logit = fc.float({ min: -60, max: 60, noNaN: true });
  const property = fc.property(
    fc.array(logit, { minLength: 1, maxLength: 60 }),
    fc.double({ min: 0.01, max: 0.999, noNaN: true }),
    fc.nat(),
    (logits, topP, seed) => {
      const given = Float32Array.from(logits);
      const found = chooseToken(given, { temperature: 0.7, topP }, xoshiro128From(seed));
      expect(found).toBe(sortedChoice(given, 0.7, topP, xoshiro128From(seed)));
    },
  );
  fc.assert(property);
});

/** Reference implementation: sorts all tokens and takes the likeliest. */
function sortedChoice(logits: Float32Array, temperature: number, topP: number, random: Random): number {
  const most = Math.max(...logits);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  const mass = weights.reduce((sum, weight) => sum + weight, 0) * topP;
  const order = [...weights.keys()].sort((a, b) => (weights[b] as number) - (weights[a] as number));
  const chosen: number[] = [];
  for (let sum = 0; sum < mass && chosen.length < order.length; ) {
    const id = order[chosen.length] as number;
    chosen.push(id);
    sum += weights[id] as number;
  }
  const size = chosen.reduce((sum, id) => sum + (weights[id] as number), 0);
  let left = random() * size;
  for (const id of chosen) {
    left -= weights[id] as number;
    if (left < 0) return id;
  }
  return order[0] as number;
}
