/**
 * @file What tokens of a model cost, and what a request with so many of them did.
 */
import type { TokenCounts } from "../../ask/index.ts";
import { dateText, type InferenceOffer, type PriceBook } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { type Usd, usd } from "../../quantity/index.ts";

/** Prices of a million tokens, with where they were read. */
export interface TokenPrice {
  readonly inputUsd: Usd;
  readonly outputUsd: Usd;
  /** Prompt that the endpoint still has from before; the price of any prompt where nobody says. */
  readonly cachedInputUsd: Usd;
  /** Source and date. */
  readonly source: string;
}

/** What a person says of an endpoint's price. */
export interface SaidPrice {
  readonly model: string;
  /** Dollars; this goes before all lists. */
  readonly usdPerMillion?: { readonly input: number; readonly output: number } | null;
  /** An endpoint of one's own, where tokens cost nothing. */
  readonly isFree?: boolean;
  /** As the price book names it; where nobody says, the dearest of those that have the model. */
  readonly vendor?: string | null;
}

/** Highest price that is no slip, in dollars a million tokens: fifty times the dearest model of the snapshot. */
const usdPerMillionMost = 10_000;

/**
 * The price to count with.
 *
 * @throws {TunewiseError} `ASK_PRICE_UNKNOWN`, `ASK_PRICE_INVALID`
 */
export function tokenPriceOf(said: SaidPrice, prices: PriceBook): TokenPrice {
  if (said.usdPerMillion) {
    const { input, output } = said.usdPerMillion;
    const [inputUsd, outputUsd] = [priceFrom(input), priceFrom(output)];
    return { inputUsd, outputUsd, cachedInputUsd: inputUsd, source: "usd_per_million of the endpoint" };
  }
  if (said.isFree) {
    const nothing = usd(0);
    return { inputUsd: nothing, outputUsd: nothing, cachedInputUsd: nothing, source: "declared free" };
  }
  const [dearest] = offersOf(said, prices).sort((a, b) => weightOf(b) - weightOf(a));
  if (!dearest) throw problem("ASK_PRICE_UNKNOWN", { model: said.model });
  const { inputUsdPerMillionTokens: inputUsd, source } = dearest;
  return {
    inputUsd,
    outputUsd: dearest.outputUsdPerMillionTokens,
    cachedInputUsd: dearest.cachedInputUsdPerMillionTokens ?? inputUsd,
    source: `${source.name}, ${dateText(source)}`,
  };
}

/** Micro-dollars, rounded up, so that sums never fall below the bill. */
export function costOfTokens(price: TokenPrice, counts: Omit<TokenCounts, "origin">): Usd {
  const { promptTokens, cachedPromptTokens, answerTokens } = counts;
  const microUsd =
    ((promptTokens - cachedPromptTokens) / 1e6) * price.inputUsd +
    (cachedPromptTokens / 1e6) * price.cachedInputUsd +
    (answerTokens / 1e6) * price.outputUsd;
  // what floating point adds behind the last digit is no part of a price
  return Math.max(0, Math.ceil(microUsd - 1e-9)) as Usd;
}

function priceFrom(dollars: number): Usd {
  if (Number.isFinite(dollars) && dollars >= 0 && dollars <= usdPerMillionMost) return usd(dollars);
  throw problem("ASK_PRICE_INVALID", { found: String(dollars).slice(0, 40), most: usdPerMillionMost });
}

/** Rows of the model; gateways write the vendor before its name. */
function offersOf({ model, vendor }: SaidPrice, { inference }: PriceBook): InferenceOffer[] {
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
