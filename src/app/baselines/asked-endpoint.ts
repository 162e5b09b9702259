/**
 * @file An endpoint of a recipe, ready to be asked, with its price and the cap that holds for it.
 */
import type { Endpoint } from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import { type Usd, usd } from "../../quantity/index.ts";
import { type EndpointSection, isOwnAddress, type Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import { endpointFrom, type TokenPrice, tokenPriceOf } from "../metered-client/index.ts";
import { loadPriceBook } from "../prices/index.ts";

/** Whom to ask, what it costs, and out of which purse. */
export interface AskedEndpoint {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  readonly purse: string;
  /** `null`: no cap, for an endpoint that is free. */
  readonly cap: Usd | null;
}

/**
 * Looks an endpoint over; nothing is asked yet.
 *
 * @param folder of the recipe, where a price file may lie
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function askedEndpoint(
  section: EndpointSection,
  { recipe, folder, host }: { readonly recipe: Recipe; readonly folder: string; readonly host: Host },
): Promise<AskedEndpoint> {
  const { url, model, key, style, concurrency, timeoutSeconds, tries, usdPerMillion } = section;
  const endpoint = endpointFrom(
    { url, model, keyVariable: key, style, concurrency, timeoutSeconds, triesMost: tries },
    host,
  );
  const { prices } = await loadPriceBook(host, folder);
  const price = tokenPriceOf({ model, usdPerMillion, isFree: isOwnAddress(url) }, prices);
  const cap = recipe.budget.usd;
  if (cap === null && price.inputUsd + price.outputUsd > 0) throw problem("ARMS_WITHOUT_BUDGET", { model });
  return { endpoint, price, purse: recipe.name, cap: cap === null ? null : usd(cap) };
}
