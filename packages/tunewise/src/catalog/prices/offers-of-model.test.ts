import { usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { shutdownOf } from "../shutdowns.ts";
import type { InferenceOffer } from "./book.ts";
import { batchTermsOf, offersOfModel, parametersInName } from "./offers-of-model.ts";
import { shippedPrices } from "./snapshot/snapshot.ts";

const offer = (vendor: string, model: string, price: number, isUserOwn = false): InferenceOffer => ({
  vendor,
  model,
  inputUsdPerMillionTokens: usd(price),
  outputUsdPerMillionTokens: usd(price),
  cachedInputUsdPerMillionTokens: null,
  source: { name: "a list", asOf: "2026-11-01", ...(isUserOwn ? { isUserOwn } : {}) },
});

describe("offersOfModel", () => {
  const { inference } = shippedPrices();

  it.each([
    ["ft:gpt-4o-mini-2024-07-18:acme::Abc123", "ft:gpt-4o-mini"],
    ["ft:gpt-4o-mini", "ft:gpt-4o-mini"],
    ["ft:gpt-3.5-turbo-0125:acme:name:id", "ft:gpt-3.5-turbo-0125"],
    ["gpt-4o-mini-2024-07-18", "gpt-4o-mini"],
    ["openai/gpt-5-mini", "gpt-5-mini"],
    ["GPT-5-Mini", "gpt-5-mini"],
  ])("finds %s", (model, listed) => {
    expect(offersOfModel(model, inference)[0]?.model).toBe(listed);
  });

  it("never gives a fine-tuned model the price of its base", () => {
    expect(offersOfModel("ft:gpt-5-mini:acme::1", inference)).toEqual([]);
    expect(offersOfModel("no-such-model", inference)).toEqual([]);
  });

  it("puts the user's own price first, then the cheapest", () => {
    const rows = [offer("one", "m", 3), offer("two", "m", 1), offer("own", "m", 5, true)];
    expect(offersOfModel("m", rows).map(({ vendor }) => vendor)).toEqual(["own", "two", "one"]);
  });
});

it.each([
  ["llama-3.1-8b-instruct", 8e9],
  ["open-mixtral-8x7b", 56e9],
  ["fine-tuned 7B", 7e9],
  ["qwen2.5-0.5b", 0.5e9],
  ["SmolLM2-135M", 135e6],
  ["gpt-4o-mini", null],
  ["kimi-k2-0905-preview", null],
  ["minimax-m2", null],
])("reads the size in %s", (name, size) => {
  expect(parametersInName(name)).toBe(size);
});

it("knows batch prices only of vendors with a source", () => {
  expect(batchTermsOf("OpenAI")?.share).toBe(0.5);
  expect(batchTermsOf("deepseek")).toBeNull();
  expect(batchTermsOf("constructor")).toBeNull();
});

it.each([
  ["ft:gpt-4o-mini-2024-07-18:acme::id", "2027-01-14"],
  ["gpt-4.1-2025-04-14", "2027-01-14"],
  ["gpt-4o-mini", undefined],
  ["gpt-5-mini", undefined],
])("knows when %s ends", (model, on) => {
  expect(shutdownOf(model)?.on).toBe(on);
});
