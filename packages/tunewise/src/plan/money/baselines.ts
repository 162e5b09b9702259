/** @file Price of baselines: larger models that answer the test rows. */

import { usd } from "@tunewise/core/quantity";
import type { InferenceOffer } from "../../catalog/index.ts";
import type { RowLength } from "../input.ts";
import type { BaselinePrice } from "../plan.ts";

/** Few-shot examples of the second attempt; the first uses the plain prompt. */
const tries = { plain: 1, examples: 5 } as const;

/**
 * Prices answering the test rows twice: zero-shot, and with five examples per prompt.
 *
 * @returns the cheapest offer and the median one
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
  // The more expensive half consists of legacy models and of models that such a fine-tune cannot replace.
  return [0, Math.floor(priced.length / 2)].flatMap((at) => priced[at] ?? []).filter(isFirst);
}

function isFirst(one: BaselinePrice, at: number, all: readonly BaselinePrice[]): boolean {
  return all.indexOf(one) === at;
}
