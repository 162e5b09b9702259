/** @file The price of a recorded call, from the price book. */
import { tokens } from "@tunewise/core/quantity";
import type { PriceBook } from "../../catalog/index.ts";
import { costOfTokens, type TokenPrice, tokenPriceOf } from "../metered-client/index.ts";
import type { PriceOf } from "./row-of-call.ts";

/** Max. models whose prices are remembered. */
const maxModels = 1_000;

/**
 * Creates the prices of calls. A dated model such as `gpt-4o-2024-08-06` has the price of its name without the
 * date if the
 * book has none for the date, and a tuned model `ft:gpt-4o-mini-2024-07-18:org::id` that of `ft:gpt-4o-mini`.
 */
export function pricesOfCalls(prices: PriceBook): PriceOf {
  const known = new Map<string, TokenPrice | null>();
  return (model, usage) => {
    let price = known.get(model);
    if (price === undefined) {
      price = priceOf(model, prices);
      if (known.size < maxModels) known.set(model, price);
    }
    if (price === null) return null;
    const cost = costOfTokens(price, {
      promptTokens: tokens(usage.prompt_tokens),
      cachedPromptTokens: tokens(usage.cached_tokens),
      answerTokens: tokens(usage.completion_tokens),
    });
    return { usd: cost / 1e6, source: price.source };
  };
}

function priceOf(model: string, prices: PriceBook): TokenPrice | null {
  const names = new Set(namesOf(model));
  const offered = prices.inference.map((offer) => offer.model.toLowerCase());
  const name = [...names].find((one) => offered.includes(one.toLowerCase()));
  return name === undefined ? null : tokenPriceOf({ model: name }, prices);
}

function namesOf(model: string): string[] {
  const [first = "", base = ""] = model.split(":");
  const name = first === "ft" ? `ft:${base}` : model;
  const plain = name.slice(name.lastIndexOf("/") + 1);
  return [name, plain, name.replace(/-\d{4}-\d{2}-\d{2}$/, ""), plain.replace(/-\d{4}-\d{2}-\d{2}$/, "")];
}
