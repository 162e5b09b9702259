/** @file Chooses the machine to rent for a run, and its price. */

import { bytes, bytesText, dollars, type Usd, usd, usdText } from "@tunewise/core/quantity";
import type { RecipeOverrides } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { MachineNeeds, Offer, Provider } from "../../provision/index.ts";

/** Minimum memory and disk of a rented machine. */
const [leastMemoryBytes, leastDiskBytes] = [16e9, 100e9];
/**
 * Assumed monthly price of a disk per GB if the machine's price does not include it. It is above the clouds' list
 * prices.
 */
const defaultDiskUsdPerGb = 0.2;
const hoursPerMonth = 730;

/** A user's requirements for the machine. */
export interface WantedMachine extends Omit<MachineNeeds, "gpuMemoryBytes" | "memoryBytes" | "diskBytes"> {
  /** `null` for an assumed price, see `docs/rented.md`. */
  readonly diskUsdPerGbMonth: number | null;
}

/** A machine to rent. */
export interface ChosenOffer {
  readonly offer: Offer;
  readonly needs: MachineNeeds;
  readonly diskUsdPerHour: Usd;
}

/**
 * Returns the cheapest machine that meets the requirements.
 *
 * @throws {TunewiseError} `PROVIDER_NO_OFFER`, `RENTAL_RATE_UNKNOWN`, and those of the provider
 */
export async function cheapestOffer(wanted: WantedMachine, provider: Provider): Promise<ChosenOffer> {
  const { diskUsdPerGbMonth, ...rest } = wanted;
  const needs: MachineNeeds = {
    ...rest,
    gpuMemoryBytes: null,
    memoryBytes: bytes(leastMemoryBytes),
    diskBytes: bytes(leastDiskBytes),
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
    `${gpuCount} ${gpu ?? "GPU"}`,
    bytesText(needs.memoryBytes),
    ...(maxUsdPerHour === null ? [] : [`at most ${usdText(maxUsdPerHour)} an hour`]),
  ];
  throw problem("PROVIDER_NO_OFFER", {
    address,
    needs: asked.join(", "),
    reason: "none is available now",
  });
}

/** The price of the machine including its disk, as used by plan, meter and ledger. */
export function priceOf(
  { offer, diskUsdPerHour }: ChosenOffer,
  { address }: Pick<Provider, "address">,
): Required<RecipeOverrides>["machinePrice"] {
  const usdPerHour = dollars(((offer.usdPerHour ?? 0) + diskUsdPerHour) as Usd);
  return { usdPerHour, source: `${offer.id} at ${address}` };
}
