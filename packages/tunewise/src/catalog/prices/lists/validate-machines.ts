/** @file Validates machine rows: known devices, and prices that contradict neither each other nor other regions. */
import { bytes, usd } from "@tunewise/core/quantity";
import { type Device, findDevice } from "../../devices/devices.ts";
import type { MachineOffer, Pricing } from "../book.ts";
import { maxNameLength } from "../record.ts";
import type { MachineDraft, MachineList, RejectedRows } from "./list.ts";

/** Limit above any machine: TPU rows use 700 for "unknown", and no eight-card machine costs half of it. */
const maxUsdPerHour = 650;
/** Ratios of spot to on-demand that are placeholder values: equal, AWS's floor, Azure's. */
const fillerShares = [1, 0.1, 0.11];
/** Providers with list prices, where a region below half of the others is a placeholder. */
const listPriced: ReadonlySet<string> = new Set(["aws", "azure", "gcp"]);

/**
 * Converts drafts into offers, keeping the cheapest zone of each region.
 *
 * Findings: `PRICE_ROWS_REFUSED`, `PRICE_BELOW_SPOT`, `PRICE_SPOT_DOUBTFUL`.
 */
export function validateMachines(
  drafts: Iterable<MachineDraft>,
  rejected: RejectedRows,
  source: string,
): MachineList {
  const best = new Map<string, MachineOffer>();
  for (const draft of withoutFallbacks([...drafts], rejected)) {
    if (!isNamed(draft)) {
      rejected.add("PRICE_ROWS_REFUSED", "a name is too long or has control characters", draft.instance);
      continue;
    }
    const named = nameDevice(draft);
    if (named === null) {
      const word = draft.deviceWords.at(-1) ?? "";
      rejected.add("PRICE_ROWS_REFUSED", "the device is not known", `${draft.instance} (${word})`, "note");
      continue;
    }
    const { onDemand, spot } = plausiblePrices(draft, rejected);
    for (const [pricing, price] of [
      ["on-demand", onDemand],
      ["spot", spot],
    ] as const) {
      if (price === null) continue;
      const offer = offerFrom(draft, named, pricing, price);
      const key = JSON.stringify([offer.instance, offer.region, pricing]);
      const other = best.get(key);
      if (other === undefined || offer.usdPerHour < other.usdPerHour) best.set(key, offer);
    }
  }
  return { machines: [...best.values()], findings: rejected.findings(source) };
}

/** Whether all names will be accepted by the reader of the stored update. */
function isNamed({ provider, instance, region }: MachineDraft): boolean {
  return [provider, instance, region].every((name) => name.length <= maxNameLength && !/\p{Cc}/u.test(name));
}

/** Removes on-demand prices below half of the median over an instance's regions. */
function withoutFallbacks(drafts: readonly MachineDraft[], rejected: RejectedRows): MachineDraft[] {
  const asked = new Map<string, number[]>();
  for (const { provider, instance, onDemand } of drafts) {
    if (!listPriced.has(provider) || onDemand === null || !(onDemand > 0)) continue;
    const prices = asked.get(instance);
    if (prices === undefined) asked.set(instance, [onDemand]);
    else prices.push(onDemand);
  }
  const least = new Map(
    [...asked].map(([instance, prices]) => [instance, prices.length < 3 ? 0 : upperMedian(prices) / 2]),
  );
  return drafts.map((draft) => {
    const { onDemand, instance } = draft;
    if (onDemand === null || !(onDemand > 0 && onDemand < (least.get(instance) ?? 0))) return draft;
    const reason = "price below half of that in other regions";
    rejected.add("PRICE_ROWS_REFUSED", reason, rowText(draft));
    return { ...draft, onDemand: null };
  });
}

function upperMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * Identifies the device and its memory in GiB, if the listed value is plausible. A name with a size, such as
 * `A100-80GB`, limits which interpretations of the value are possible.
 */
function nameDevice({ deviceWords, deviceGib }: MachineDraft): { device: Device; gib: number | null } | null {
  const stated = findDevice(deviceWords.at(-1) ?? "");
  const size = stated.device !== null && stated.isExact ? stated.device.labelGib : null;
  for (const word of deviceWords) {
    for (const gib of deviceGib) {
      if (size !== null && Math.abs(gib - size) > size * 0.1) continue;
      const found = findDevice(word, gib);
      if (found.device !== null && found.isExact) return { device: found.device, gib };
    }
  }
  const found = deviceWords.map((word) => findDevice(word, size)).filter(({ device }) => device !== null);
  const { device } = found.find((one) => one.device !== null && one.isExact) ?? found[0] ?? stated;
  return device === null ? null : { device, gib: null };
}

/** Returns the two prices of a row, without implausible ones. */
function plausiblePrices(
  draft: MachineDraft,
  rejected: RejectedRows,
): { onDemand: number | null; spot: number | null } {
  const { onDemand } = draft;
  // Vast lists 0.00 for "not offered".
  const spot = draft.spot === 0 ? null : draft.spot;
  const wrong = [onDemand, spot].find((price) => price !== null && !(price > 0 && price < maxUsdPerHour));
  if (wrong !== undefined) {
    rejected.add(
      "PRICE_ROWS_REFUSED",
      `the price is not between 0 and ${maxUsdPerHour} dollars`,
      rowText(draft),
    );
    return { onDemand: null, spot: null };
  }
  if (onDemand === null || spot === null) return { onDemand, spot };
  if (fillerShares.some((share) => Math.abs(spot / onDemand - share) < 1e-4)) {
    rejected.add("PRICE_SPOT_DOUBTFUL", "", rowText(draft), "note");
    return { onDemand, spot: null };
  }
  if (onDemand < spot) {
    rejected.add("PRICE_BELOW_SPOT", "", rowText(draft));
    return { onDemand: null, spot: null };
  }
  return { onDemand, spot };
}

function rowText({ instance, region, onDemand, spot }: MachineDraft): string {
  return `${instance} in ${region} (${onDemand ?? "none"}, spot ${spot ?? "none"})`;
}

function offerFrom(
  draft: MachineDraft,
  { device, gib }: { device: Device; gib: number | null },
  pricing: Pricing,
  price: number,
): MachineOffer {
  return {
    provider: draft.provider,
    instance: draft.instance,
    device: device.name,
    deviceCount: draft.deviceCount,
    deviceMemoryBytes: gib === null ? device.memoryBytes.expected : bytes(gib * 2 ** 30),
    vcpus: draft.vcpus,
    memoryBytes: draft.memoryGib === null ? null : bytes(draft.memoryGib * 2 ** 30),
    region: draft.region || "any",
    pricing,
    usdPerHour: usd(price),
    source: draft.source,
  };
}
