import { usd } from "@tunewise/core/quantity";
import { describe, expect, it } from "vitest";
import { llmPricesSample } from "../../../../../../test/support/price-samples.ts";
import { readLlmPrices } from "./llm-prices.ts";

const source = { name: "list", asOf: "2026-11-25" };

describe("the llm-prices list", () => {
  it("gives prices with the list's own date", () => {
    const { inference, findings } = readLlmPrices(llmPricesSample, source);
    expect(inference).toEqual([
      {
        vendor: "example",
        model: "alpha-1",
        inputUsdPerMillionTokens: usd(2),
        outputUsdPerMillionTokens: usd(8),
        cachedInputUsdPerMillionTokens: usd(0.5),
        source: { name: "list", asOf: "2026-11-20" },
      },
      expect.objectContaining({ model: "beta-2", cachedInputUsdPerMillionTokens: null }),
    ]);
    expect(findings).toEqual([expect.objectContaining({ code: "PRICE_ROWS_REFUSED", count: 1 })]);
  });

  it("takes the day of fetching where the list states none", () => {
    const text = JSON.stringify({
      updated_at: "soon",
      prices: [{ id: "a", vendor: "b", input: 1, output: 1 }],
    });
    expect(readLlmPrices(text, source).inference[0]?.source.asOf).toBe("2026-11-25");
  });

  it.each([
    [null],
    [7],
    [{ id: "a", vendor: "b", input: "1", output: 1 }],
    [{ id: "a", vendor: "b", input: -1, output: 1 }],
    [{ id: "", vendor: "b", input: 1, output: 1 }],
    [{ id: "a\u001b", vendor: "b", input: 1, output: 1 }],
    [{ id: "a", vendor: "b", input: 1, output: 1e9 }],
  ])("leaves out %j", (entry) => {
    expect(readLlmPrices(JSON.stringify({ prices: [entry] }), source).inference).toEqual([]);
  });

  it.each(["", "<html>", "null", "[]", "{}", '{"prices": {}}'])("%j is refused", (text) => {
    expect(() => readLlmPrices(text, source)).toThrow(
      expect.objectContaining({ code: "PRICES_CATALOG_UNREADABLE" }),
    );
  });
});
