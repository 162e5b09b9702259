/** @file The price of answering the test rows with larger models. */

import { usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { InferenceOffer } from "../../catalog/index.ts";
import { priceBaselines } from "./baselines.ts";

const offer = (model: string, input: number, output: number): InferenceOffer => ({
  vendor: "V",
  model,
  cachedInputUsdPerMillionTokens: null,
  inputUsdPerMillionTokens: usd(input),
  outputUsdPerMillionTokens: usd(output),
  source: { name: `price list of ${model}`, asOf: "2026-11-20" },
});

/** 150 tokens of prompts and 70 of answers. */
const rows = [
  { promptTokens: 100, tokens: 150, labelledTokens: 50 },
  { promptTokens: 50, tokens: 70, labelledTokens: 20 },
];

test("prompts are paid for twice, five whole rows once before each, answers twice", () => {
  // input 2 x 150 + 5 x 220 = 1,400 tokens at $2 a million, output 2 x 70 = 140 at $10: $0.0028 and $0.0014
  expect(priceBaselines(rows, [offer("m", 2, 10)])).toEqual([
    { name: "V m", usd: usd(0.0042), price: offer("m", 2, 10).source },
  ]);
});

test.each([
  [
    ["c", "a", "b"],
    ["a", "b"],
  ],
  [
    ["b", "a"],
    ["a", "b"],
  ],
  [
    ["d", "b", "a", "c"],
    ["a", "c"],
  ],
  [
    ["e", "d", "c", "b", "a"],
    ["a", "c"],
  ],
  [["a"], ["a"]],
  [[], []],
])("of %j the cheapest and the middle one: %j", (models, expected) => {
  const offers = models.map((model) => offer(model, model.charCodeAt(0), 0));
  expect(priceBaselines(rows, offers).map(({ name }) => name.slice(2))).toEqual(expected);
});

test("what is cheapest depends on how long answers are", () => {
  const offers = [offer("cheap to ask", 1, 100), offer("cheap to listen to", 5, 1)];
  const cheapest = (promptTokens: number): string | undefined =>
    priceBaselines([{ promptTokens, tokens: 100, labelledTokens: 0 }], offers)[0]?.name;
  expect([cheapest(99), cheapest(0)]).toEqual(["V cheap to ask", "V cheap to listen to"]);
});

test("without test rows there is nothing to try", () => {
  expect(priceBaselines([], [offer("m", 2, 10)])).toEqual([]);
});
