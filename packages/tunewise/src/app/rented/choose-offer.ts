/** @file Which machine is rented for a run, and at what price. */

import { bytes, bytesText, dollars, type Usd, usd, usdText } from "@tunewise/core/quantity";
import type { RecipeOverrides } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { MachineNeeds, Offer, Provider } from "../../provision/index.ts";

/** Memory and disk that a rented machine has at least. */
const [leastMemoryBytes, leastDiskBytes] = [16e9, 100e9];
/** What a disk costs a month for each gigabyte where the machine's price does not say: above the clouds' list prices. */
const defaultDiskUsdPerGb = 0.2;
const hoursPerMonth = 730;

/** What a user asks of the machine. */
export interface WantedMachine extends Omit<MachineNeeds, "gpuMemoryBytes" | "memoryBytes" | "diskBytes"> {
  /** `null`: an assumed price, see `docs/rented.md`. */
  readonly diskUsdPerGbMonth: number | null;
}

/** A machine to rent. */
export interface ChosenOffer {
  readonly offer: Offer;
  readonly needs: MachineNeeds;
  readonly diskUsdPerHour: Usd;
}

/**
 * The cheapest machine that has what is wanted.
 *
 * @throws {TunewiseError} `PROVIDER_NO_OFFER`, `RENTAL_RATE_UNKNOWN`, and those of the provider
 */
export async function cheapestOffer(wanted: WantedMachine, provider: Provider): Promise<ChosenOffer> {
  const { diskUsdPerGbMonth, ...rest } = wanted;
  const needs: MachineNeeds = {
    ...{ ...rest, gpuMemoryBytes: null },
    ...{ memoryBytes: bytes(leastMemoryBytes), diskBytes: bytes(leastDiskBytes) },
  };
  const offers = await provider.offers(needs);
  const priced = offers.filter(({ usdPerHour }) => usdPerHour !== null);
  const [offer] = priced.toSorted((one, other) => (one.usdPerHour ?? 0) - (other.usdPerHour ?? 0));
  const perGb = offer?.isDiskIncluded ? 0 : (diskUsdPerGbMonth ?? defaultDiskUsdPerGb);
  if (offer !== undefined)
    return { offer, needs, diskUsdPerHour: usd((perGb * leastDiskBytes) / 1e9 / hoursPerMonth) };
  const [unpriced] = offers;
  const { address } = provider;
  if (unpriced !== undefined) throw problem("RENTAL_RATE_UNKNOWN", { offer: unpriced.id, address });
  const { gpu, gpuCount, maxUsdPerHour } = wanted;
  const asked = [
    `${gpuCount} ${gpu ?? "card"}`,
    bytesText(needs.memoryBytes),
    ...(maxUsdPerHour === null ? [] : [`at most ${usdText(maxUsdPerHour)} an hour`]),
  ];
  throw problem("PROVIDER_NO_OFFER", {
    ...{ address, needs: asked.join(", "), reason: "none is available now" },
  });
}

/** The price of the machine and its disk, which plan, meter and ledger take. */
export function priceOf(
  { offer, diskUsdPerHour }: ChosenOffer,
  { address }: Pick<Provider, "address">,
): Required<RecipeOverrides>["machinePrice"] {
  const usdPerHour = dollars(((offer.usdPerHour ?? 0) + diskUsdPerHour) as Usd);
  return { usdPerHour, source: `${offer.id} at ${address}` };
}
