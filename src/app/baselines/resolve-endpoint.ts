/** @file Resolves an endpoint of a recipe, with its price and the budget cap for it. */
import type { Endpoint } from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import { type Usd, usd } from "../../quantity/index.ts";
import { type EndpointSection, isOwnAddress, type Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { endpointFrom, type TokenPrice, tokenPriceOf } from "../metered-client/index.ts";
import { loadPriceBook } from "../prices/index.ts";

/** An endpoint, its price, and the account that pays. */
export interface ResolvedEndpoint {
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  readonly account: string;
  /** `null` for a free endpoint without a cap. */
  readonly cap: Usd | null;
}

/**
 * Resolves an endpoint, without a request.
 *
 * @param folder of the recipe, which may hold a price file
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_PRICE_UNKNOWN`, `ARMS_WITHOUT_BUDGET`
 */
export async function resolveEndpoint(
  section: EndpointSection,
  {
    recipe,
    folder,
    runtime,
  }: { readonly recipe: Recipe; readonly folder: string; readonly runtime: Runtime },
): Promise<ResolvedEndpoint> {
  const { url, model, key, style, concurrency, timeoutSeconds, tries, usdPerMillion } = section;
  const endpoint = endpointFrom(
    { url, model, keyVariable: key, style, concurrency, timeoutSeconds, triesMost: tries },
    runtime,
  );
  const { prices } = await loadPriceBook(runtime, folder);
  const price = tokenPriceOf({ model, usdPerMillion, isFree: isOwnAddress(url) }, prices);
  const cap = recipe.budget.usd;
  if (cap === null && price.inputUsd + price.outputUsd > 0) throw problem("ARMS_WITHOUT_BUDGET", { model });
  return { endpoint, price, account: recipe.name, cap: cap === null ? null : usd(cap) };
}
