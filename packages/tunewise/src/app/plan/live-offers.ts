/** @file What a provider of machines offers now, as a plan compares it. */

import { bytes } from "@tunewise/core/quantity";
import { findDevice, type MachineOffer } from "../../catalog/index.ts";
import type { MachineNeeds, Offer, Provider } from "../../provision/index.ts";

/** Cards of a machine that are asked for. */
const cardCounts = [1, 2, 4, 8];
/** Memory and disk that a machine has at least. */
const [leastMemoryBytes, leastDiskBytes] = [16e9, 100e9];

/**
 * Asks a provider for machines with one to eight cards. Cards that the catalog does not have are left out, since
 * nothing is known of their speed.
 *
 * @param now time at which the prices hold
 * @throws {TunewiseError} those of the provider
 */
export async function liveOffers(
  provider: Provider,
  isSpotAllowed: boolean,
  now: Date,
): Promise<readonly MachineOffer[]> {
  const needs: Omit<MachineNeeds, "gpuCount"> = {
    ...{ gpu: null, gpuMemoryBytes: null, machines: 1, isSpotAllowed, image: null, volume: null },
    ...{ memoryBytes: bytes(leastMemoryBytes), diskBytes: bytes(leastDiskBytes), maxUsdPerHour: null },
  };
  const found = await Promise.all(cardCounts.map((gpuCount) => provider.offers({ ...needs, gpuCount })));
  const source = { name: provider.address, asOf: now.toISOString().slice(0, 10) };
  return found.flat().flatMap((offer) => machineOf(offer, source) ?? []);
}

function machineOf(offer: Offer, source: MachineOffer["source"]): MachineOffer | null {
  const { gpu, usdPerHour, backend, region, instance, cores, memoryBytes, isSpot } = offer;
  if (gpu === null || usdPerHour === null) return null;
  const { device } = findDevice(gpu.name, gpu.memoryBytes / 2 ** 30);
  if (device === null) return null;
  return {
    ...{ provider: backend, instance, device: device.name, deviceCount: gpu.count, region, usdPerHour },
    ...{ deviceMemoryBytes: gpu.memoryBytes, vcpus: cores, memoryBytes, source },
    pricing: isSpot ? "spot" : "on-demand",
  };
}
