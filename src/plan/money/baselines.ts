/**
 * @file The price of trying something else first: larger models that answer the test rows.
 */
import type { InferenceOffer } from "../../catalog/index.ts";
import { usd } from "../../quantity/index.ts";
import type { RowLength } from "../input.ts";
import type { BaselinePrice } from "../plan.ts";

/** Ways of asking that a baseline tries: the bare prompt, and one with examples. */
const tries = { plain: 1, examples: 5 } as const;

/**
 * Price of answering the test rows twice: as they are, and with five examples before each prompt.
 *
 * @returns the cheapest offer whose price is known, and the one in the middle
 */
export function priceBaselines(
  test: readonly RowLength[],
  offers: readonly InferenceOffer[],
): BaselinePrice[] {
  if (test.length === 0) return [];
  const prompts = test.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
  const rows = test.reduce((sum, { tokens }) => sum + tokens, 0);
  const input = (tries.plain + 1) * prompts + tries.examples * rows;
  const output = 2 * (rows - prompts);
  const priced = offers
    .map(({ vendor, model, inputUsdPerMillionTokens, outputUsdPerMillionTokens, source }) => ({
      name: `${vendor} ${model}`,
      usd: usd((input * inputUsdPerMillionTokens + output * outputUsdPerMillionTokens) / 1e12),
      price: source,
    }))
    .sort((a, b) => a.usd - b.usd);
  // The dearer half is what vendors keep for old customers and for what no fine-tune of this kind replaces.
  return [0, Math.floor(priced.length / 2)].flatMap((at) => priced[at] ?? []).filter(isFirst);
}

function isFirst(one: BaselinePrice, at: number, all: readonly BaselinePrice[]): boolean {
  return all.indexOf(one) === at;
}
