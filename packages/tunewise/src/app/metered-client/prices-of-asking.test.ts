/** @file Prices, expected costs and endpoints in the forms that users write. */

import { tokens, usd } from "@tunewise/core/quantity";
import { keepPaidAnswer, openDatabase } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { endpointAt, questionOf } from "../../../../../test/support/ask-world.ts";
import { requestKey } from "../../ask/index.ts";
import { shippedPrices } from "../../catalog/index.ts";
import { expectedPrice } from "./expected-price.ts";
import { askWorld, endpointFrom } from "./open-endpoint.ts";
import { costOfTokens, tokenPriceOf } from "./token-price.ts";

const prices = shippedPrices();

test.each([
  [{ model: "gpt-4o-mini" }, 0.15, 0.6],
  [{ model: "GPT-4o-mini", vendor: "OpenAI" }, 0.15, 0.6],
  [{ model: "openai/gpt-4o-mini" }, 0.15, 0.6],
  [{ model: "any", usdPerMillion: { input: 1.5, output: 0 } }, 1.5, 0],
  [{ model: "any", isFree: true }, 0, 0],
])("%o has a price", (said, input, output) => {
  expect(tokenPriceOf(said, prices)).toMatchObject({ inputUsd: usd(input), outputUsd: usd(output) });
});

test("a price says where it is from, and of two vendors the dearer one counts", () => {
  expect(tokenPriceOf({ model: "gpt-4o" }, prices).source).toMatch(/^simonw\/llm-prices@\w+, 2026-08-05$/);
  const row = { model: "m", cachedInputUsdPerMillionTokens: usd(0.1), source: { name: "list", asOf: null } };
  const cheap = { ...row, vendor: "a", inputUsdPerMillionTokens: usd(1), outputUsdPerMillionTokens: usd(1) };
  const dear = { ...cheap, vendor: "b", outputUsdPerMillionTokens: usd(2) };
  const book = { machines: [], training: [], inference: [cheap, dear] };
  expect(tokenPriceOf({ model: "m" }, book)).toMatchObject({ outputUsd: usd(2), source: "list, undated" });
  expect(tokenPriceOf({ model: "m", vendor: "a" }, book).outputUsd).toBe(usd(1));
});

test.each([
  { model: "gpt-4o-mini-2024-07-18" },
  { model: "azure/gpt-4o" },
  { model: "gpt-4o", vendor: "azure" },
  { model: "" },
])("%o has none, and nothing is guessed", (said) => {
  const finding = (): unknown => tokenPriceOf(said, prices);
  expect(finding).toThrow(expect.objectContaining({ code: "ASK_PRICE_UNKNOWN" }));
  expect(finding).toThrow(`the price of ${said.model} per million tokens`);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 10_001])("%d is no price", (input) => {
  const finding = (): unknown => tokenPriceOf({ model: "m", usdPerMillion: { input, output: 1 } }, prices);
  expect(finding).toThrow(expect.objectContaining({ code: "ASK_PRICE_INVALID" }));
});

test("costs are whole micro-dollars, never below the bill", () => {
  const price = { inputUsd: usd(0.15), cachedInputUsd: usd(0.075), outputUsd: usd(0.6), source: "" };
  const of = (prompt: number, cached: number, answer: number): number =>
    costOfTokens(price, {
      promptTokens: tokens(prompt),
      cachedPromptTokens: tokens(cached),
      answerTokens: tokens(answer),
    });
  expect(of(0, 0, 0)).toBe(0);
  expect(of(1, 0, 0)).toBe(1);
  expect(of(1_000_000, 0, 1_000_000)).toBe(750_000);
  expect(of(1_000_000, 400_000, 0)).toBe(90_000 + 30_000);
});

test("what questions will cost leaves out what is kept and what is the same", async () => {
  const database = await openDatabase(":memory:");
  onTestFinished(() => database.close());
  const endpoint = endpointAt("https://api.example.com/v1");
  const price = { inputUsd: usd(1), cachedInputUsd: usd(1), outputUsd: usd(10), source: "list" };
  const at = { endpoint, price, reader: database };
  const questions = ["one", "two", "two", "three"].map((text) =>
    questionOf(text.repeat(100), { maxTokens: 100 }),
  );
  const all = await expectedPrice(questions, 40, at);
  expect(all).toMatchObject({ questions: 4, repeated: 1, kept: 0, priceSource: "list" });
  // 1,100 letters, and 7 tokens per question for the chat format. 40 answer tokens per question, at most twice as many.
  expect(all.promptTokens).toEqual({ low: 178, expected: 296, high: 503 });
  expect(all.answerTokens).toEqual({ low: 60, expected: 120, high: 240 });
  expect(all.price).toEqual({ low: 778, expected: 1496, high: 2903 });
  expect(all.most).toBe(1100 + 3 * (16 + 256) + 3000);
  expect((await expectedPrice(questions, null, at)).answerTokens).toEqual({
    low: 30,
    expected: 150,
    high: 300,
  });
  const request = requestKey(endpoint, questionOf("one".repeat(100), { maxTokens: 100 }));
  const paid = { request, model: "m", answer: "{}", promptTokens: 1, answerTokens: 1, microUsd: 1, ms: 1 };
  await database.transaction((transaction) => keepPaidAnswer(transaction, paid));
  const rest = await expectedPrice(questions, 40, at);
  expect(rest).toMatchObject({ kept: 1, answerTokens: { expected: 80 } });
  expect((await expectedPrice([], 40, at)).price.high).toBe(0);
});

test("a key comes from the environment, and its name is what is written down", () => {
  const settings = { url: "https://api.openai.com/v1", model: "m", keyVariable: "MY_KEY" };
  const endpoint = endpointFrom(settings, { environment: { MY_KEY: " sk-12345678\n" } });
  expect(endpoint.key?.reveal()).toBe("sk-12345678");
  expect(JSON.stringify(endpoint)).not.toContain("12345678");
  expect(endpointFrom({ ...settings, keyVariable: null }, { environment: {} }).key).toBeNull();
  for (const value of [undefined, "", "  "]) {
    const opening = (): unknown => endpointFrom(settings, { environment: { MY_KEY: value } });
    expect(opening).toThrow(expect.objectContaining({ code: "ASK_KEY_MISSING" }));
    expect(opening).toThrow("MY_KEY");
  }
  const slip = (): unknown =>
    endpointFrom({ ...settings, keyVariable: "sk-proj-abcdef" }, { environment: {} });
  expect(slip).toThrow("NAME_OF_A_VARIABLE");
});

test.each([
  ["https://api.anthropic.com", "anthropic"],
  ["https://x.openai.azure.com/openai/deployments/d", "azure"],
  ["http://localhost:8080/v1", "openai"],
  ["nothing", "openai"],
])("%s is spoken to as %s", (url, style) => {
  expect(endpointFrom({ url, model: "m", keyVariable: null }, { environment: {} }).style).toBe(style);
});

test("the world sleeps as long as it should, and not when it is told to stop", async () => {
  const world = askWorld({ now: () => new Date(5), random: () => 0.5 });
  expect([world.now(), world.random()]).toEqual([5, 0.5]);
  const stop = new AbortController();
  const start = performance.now();
  await world.sleep(20, stop.signal);
  expect(performance.now() - start).toBeGreaterThan(15);
  setTimeout(() => stop.abort(), 5);
  await world.sleep(60_000, stop.signal);
  await world.sleep(60_000, stop.signal);
  expect(performance.now() - start).toBeLessThan(5_000);
});
