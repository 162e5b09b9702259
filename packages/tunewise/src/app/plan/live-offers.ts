/** @file A provider's current machine offers, in the form that plans compare. */

import { bytes } from "@tunewise/core/quantity";
import { findDevice, type MachineOffer } from "../../catalog/index.ts";
import type { MachineNeeds, Offer, Provider } from "../../provision/index.ts";

/** Numbers of GPUs to ask for. */
const cardCounts = [1, 2, 4, 8];
/** Minimum memory and disk of a machine. */
const [leastMemoryBytes, leastDiskBytes] = [16e9, 100e9];

/**
 * Asks a provider for machines with one to eight GPUs. GPUs that are not in the catalog are left out, because their
 * speed is unknown.
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
    gpu: null,
    gpuMemoryBytes: null,
    machines: 1,
    isSpotAllowed,
    image: null,
    volume: null,
    memoryBytes: bytes(leastMemoryBytes),
    diskBytes: bytes(leastDiskBytes),
    maxUsdPerHour: null,
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
    provider: backend,
    instance,
    device: device.name,
    deviceCount: gpu.count,
    region,
    usdPerHour,
    deviceMemoryBytes: gpu.memoryBytes,
    vcpus: cores,
    memoryBytes,
    source,
    pricing: isSpot ? "spot" : "on-demand",
  };
}
