/** @file Token prices of a model, and the cost of a request. */

import { type Usd, usd } from "@tunewise/core/quantity";
import type { TokenCounts } from "../../ask/index.ts";
import { dateText, type InferenceOffer, type PriceBook } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";

/** Prices per million tokens, with their source. */
export interface TokenPrice {
  readonly inputUsd: Usd;
  readonly outputUsd: Usd;
  /** Price of cached prompt tokens; defaults to the input price. */
  readonly cachedInputUsd: Usd;
  /** Source and date. */
  readonly source: string;
}

/** Price declaration of an endpoint. */
export interface DeclaredPrice {
  readonly model: string;
  /** In dollars. Takes precedence over price lists. */
  readonly usdPerMillion?: { readonly input: number; readonly output: number } | null;
  /** Whether this is the user's own endpoint, where tokens are free. */
  readonly isFree?: boolean;
  /** Vendor in the price book; defaults to the most expensive vendor of the model. */
  readonly vendor?: string | null;
}

/** Maximum plausible price in dollars per million tokens: fifty times the most expensive model of the snapshot. */
const maxUsdPerMillion = 10_000;

/**
 * Resolves the price of an endpoint.
 *
 * @throws {TunewiseError} `ASK_PRICE_UNKNOWN`, `ASK_PRICE_INVALID`
 */
export function tokenPriceOf(declared: DeclaredPrice, prices: PriceBook): TokenPrice {
  if (declared.usdPerMillion) {
    const { input, output } = declared.usdPerMillion;
    const [inputUsd, outputUsd] = [priceFrom(input), priceFrom(output)];
    return { inputUsd, outputUsd, cachedInputUsd: inputUsd, source: "usd_per_million of the endpoint" };
  }
  if (declared.isFree) {
    const nothing = usd(0);
    return { inputUsd: nothing, outputUsd: nothing, cachedInputUsd: nothing, source: "declared free" };
  }
  const [mostExpensive] = offersOf(declared, prices).sort((a, b) => weightOf(b) - weightOf(a));
  if (!mostExpensive) throw problem("ASK_PRICE_UNKNOWN", { model: declared.model });
  const { inputUsdPerMillionTokens: inputUsd, source } = mostExpensive;
  return {
    inputUsd,
    outputUsd: mostExpensive.outputUsdPerMillionTokens,
    cachedInputUsd: mostExpensive.cachedInputUsdPerMillionTokens ?? inputUsd,
    source: `${source.name}, ${dateText(source)}`,
  };
}

/** Cost in micro-dollars, rounded up, so that sums never fall below the bill. */
export function costOfTokens(price: TokenPrice, counts: Omit<TokenCounts, "origin">): Usd {
  const { promptTokens, cachedPromptTokens, answerTokens } = counts;
  const microUsd =
    ((promptTokens - cachedPromptTokens) / 1e6) * price.inputUsd +
    (cachedPromptTokens / 1e6) * price.cachedInputUsd +
    (answerTokens / 1e6) * price.outputUsd;
  // subtracts floating-point noise before rounding up
  return Math.max(0, Math.ceil(microUsd - 1e-9)) as Usd;
}

function priceFrom(dollars: number): Usd {
  if (Number.isFinite(dollars) && dollars >= 0 && dollars <= maxUsdPerMillion) return usd(dollars);
  throw problem("ASK_PRICE_INVALID", { found: String(dollars).slice(0, 40), most: maxUsdPerMillion });
}

/** Offers of the model, or of the models that it was fine-tuned from. */
function offersOf(declared: DeclaredPrice, prices: PriceBook): InferenceOffer[] {
  for (const model of pricedNames(declared.model)) {
    const offers = offersNamed({ ...declared, model }, prices);
    if (offers.length > 0) return offers;
  }
  return [];
}

/**
 * Names under which lists state the price of a model. All fine-tuned versions of a model cost the same.
 *
 * @source platform.openai.com/docs/guides/supervised-fine-tuning: `ft:BASE:ORGANIZATION:SUFFIX:ID`
 */
function pricedNames(model: string): string[] {
  const base = /^ft:([^:]+)(?::|$)/.exec(model)?.[1];
  if (base === undefined) return [model];
  return [...new Set([model, `ft:${base}`, `ft:${base.replace(/-\d{4}-\d{2}-\d{2}$/, "")}`])];
}

/** Offers of exactly this model. Gateways prefix its name with the vendor. */
function offersNamed({ model, vendor }: DeclaredPrice, { inference }: PriceBook): InferenceOffer[] {
  const named = (offer: InferenceOffer, wantedVendor: string | null, name: string): boolean =>
    offer.model.toLowerCase() === name.toLowerCase() &&
    (wantedVendor === null || offer.vendor.toLowerCase() === wantedVendor.toLowerCase());
  const whole = inference.filter((offer) => named(offer, vendor ?? null, model));
  const slash = model.indexOf("/");
  if (whole.length > 0 || slash < 0) return whole;
  return inference.filter((offer) => named(offer, vendor ?? model.slice(0, slash), model.slice(slash + 1)));
}

function weightOf({ inputUsdPerMillionTokens, outputUsdPerMillionTokens }: InferenceOffer): number {
  return inputUsdPerMillionTokens + outputUsdPerMillionTokens;
}
