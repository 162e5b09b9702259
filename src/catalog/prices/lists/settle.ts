/**
 * @file Which rows of a list are believed: known devices, prices that do not contradict each other or their neighbors.
 */
import { bytes, usd } from "../../../quantity/index.ts";
import { type Device, findDevice } from "../../devices/devices.ts";
import type { MachineOffer, Pricing } from "../book.ts";
import { maxNameLength } from "../record.ts";
import type { MachineDraft, MachineList, Refusals } from "./list.ts";

/** Above any machine: TPU rows use 700 for "not known", and no eight-card machine costs half of it. */
const maxUsdPerHour = 650;
/** Shares of the on-demand price that are fillers of a list: the same, AWS's floor, Azure's. */
const fillerShares = [1, 0.1, 0.11];
/** Providers with a list price, where a region at less than half of the others is a fallback value. */
const listPriced: ReadonlySet<string> = new Set(["aws", "azure", "gcp"]);

/**
 * Offers from drafts: of several zones of a region the cheapest stays.
 *
 * Findings: `PRICE_ROWS_REFUSED`, `PRICE_BELOW_SPOT`, `PRICE_SPOT_DOUBTFUL`.
 */
export function settleMachines(
  drafts: Iterable<MachineDraft>,
  refusals: Refusals,
  source: string,
): MachineList {
  const best = new Map<string, MachineOffer>();
  for (const draft of withoutFallbacks([...drafts], refusals)) {
    if (!isNamed(draft)) {
      refusals.add("PRICE_ROWS_REFUSED", "a name is too long or no text", draft.instance);
      continue;
    }
    const named = nameDevice(draft);
    if (named === null) {
      const word = draft.deviceWords.at(-1) ?? "";
      refusals.add("PRICE_ROWS_REFUSED", "the device is not known", `${draft.instance} (${word})`, "note");
      continue;
    }
    const { onDemand, spot } = believe(draft, refusals);
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
  return { machines: [...best.values()], findings: refusals.findings(source) };
}

/** Names as the stored update's reader will take them. */
function isNamed({ provider, instance, region }: MachineDraft): boolean {
  return [provider, instance, region].every((name) => name.length <= maxNameLength && !/\p{Cc}/u.test(name));
}

/** On-demand prices below half of the middle one of an instance's regions go. */
function withoutFallbacks(drafts: readonly MachineDraft[], refusals: Refusals): MachineDraft[] {
  const asked = new Map<string, number[]>();
  for (const { provider, instance, onDemand } of drafts) {
    if (!listPriced.has(provider) || onDemand === null || !(onDemand > 0)) continue;
    const prices = asked.get(instance);
    if (prices === undefined) asked.set(instance, [onDemand]);
    else prices.push(onDemand);
  }
  const least = new Map(
    [...asked].map(([instance, prices]) => [instance, prices.length < 3 ? 0 : middle(prices) / 2]),
  );
  return drafts.map((draft) => {
    const { onDemand, instance } = draft;
    if (onDemand === null || !(onDemand > 0 && onDemand < (least.get(instance) ?? 0))) return draft;
    const reason = "they cost less than half of the same machine in other regions";
    refusals.add("PRICE_ROWS_REFUSED", reason, rowText(draft));
    return { ...draft, onDemand: null };
  });
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * The device and the memory of one, in GiB where the list's figure makes sense: a name that states a size, such as
 * `A100-80GB`, decides which readings of the figure are possible.
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

/** The two prices of a row, without those that cannot be right. */
function believe(draft: MachineDraft, refusals: Refusals): { onDemand: number | null; spot: number | null } {
  const { onDemand } = draft;
  // Vast writes 0.00 for "not offered".
  const spot = draft.spot === 0 ? null : draft.spot;
  const wrong = [onDemand, spot].find((price) => price !== null && !(price > 0 && price < maxUsdPerHour));
  if (wrong !== undefined) {
    refusals.add(
      "PRICE_ROWS_REFUSED",
      `the price is not between 0 and ${maxUsdPerHour} dollars`,
      rowText(draft),
    );
    return { onDemand: null, spot: null };
  }
  if (onDemand === null || spot === null) return { onDemand, spot };
  if (fillerShares.some((share) => Math.abs(spot / onDemand - share) < 1e-4)) {
    refusals.add("PRICE_SPOT_DOUBTFUL", "", rowText(draft), "note");
    return { onDemand, spot: null };
  }
  if (onDemand < spot) {
    refusals.add("PRICE_BELOW_SPOT", "", rowText(draft));
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
