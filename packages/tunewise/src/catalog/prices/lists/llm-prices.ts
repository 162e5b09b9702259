/** @file Reads the llm-prices list of inference prices, one entry per model. */

import { usd } from "@tunewise/core/quantity";
import { type Finding, problem } from "../../../problem/index.ts";
import { isIsoDate } from "../age.ts";
import type { InferenceOffer, PriceSource } from "../book.ts";
import { maxListLength, RejectedRows } from "./list.ts";

/** Inference offers of a list, and findings about rejected entries. */
export interface InferenceList {
  readonly inference: readonly InferenceOffer[];
  readonly findings: readonly Finding[];
}

/** Limit above any real price per million tokens. */
const maxUsdPerMillion = 10_000;

/**
 * Reads `current-v1.json`: `{ updated_at, prices: [{ id, vendor, name, input, output, input_cached }] }`.
 *
 * The list's own date is used if present: it keeps old models at their last known price. Length tiers are separate
 * entries.
 *
 * Finding: `PRICE_ROWS_REFUSED`.
 *
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE`
 * @source simonw/llm-prices scripts/build.py
 */
export function readLlmPrices(text: string, source: PriceSource): InferenceList {
  const list = parse(text, source.name);
  const { updated_at: updatedAt } = list;
  const asOf = typeof updatedAt === "string" && isIsoDate(updatedAt) ? updatedAt : source.asOf;
  const rejected = new RejectedRows();
  const inference: InferenceOffer[] = [];
  for (const entry of list.prices) {
    const offer = offerFrom(entry, { ...source, asOf });
    if (offer !== null) inference.push(offer);
    else
      rejected.add("PRICE_ROWS_REFUSED", "a name or a price above 0 is missing", JSON.stringify(entry) ?? "");
  }
  return { inference, findings: rejected.findings(source.name) };
}

function parse(text: string, source: string): { updated_at: unknown; prices: unknown[] } {
  const fail = (reason: string, cause?: unknown): Error =>
    problem("PRICES_CATALOG_UNREADABLE", { source, reason }, { cause });
  if (text.length > maxListLength) throw fail("it is too large");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail("it is not JSON", cause);
  }
  const list = (value ?? {}) as { updated_at?: unknown; prices?: unknown };
  if (!Array.isArray(list.prices)) throw fail("it has no list of prices");
  return { updated_at: list.updated_at, prices: list.prices };
}

function offerFrom(entry: unknown, source: PriceSource): InferenceOffer | null {
  const { id, vendor, input, output, input_cached: cached } = (entry ?? {}) as Record<string, unknown>;
  if (!isName(id) || !isName(vendor) || !isPrice(input) || !isPrice(output)) return null;
  return {
    vendor,
    model: id,
    inputUsdPerMillionTokens: usd(input),
    outputUsdPerMillionTokens: usd(output),
    cachedInputUsdPerMillionTokens: isPrice(cached) ? usd(cached) : null,
    source,
  };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 120 && !/\p{Cc}/u.test(value);
}

function isPrice(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < maxUsdPerMillion;
}
