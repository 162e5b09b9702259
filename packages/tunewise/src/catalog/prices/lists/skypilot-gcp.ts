/**
 * @file GCP in SkyPilot's catalog: host and devices are separate rows, and a machine costs the sum of both in one zone.
 */
import type { PriceSource } from "../book.ts";
import { cell, countCell, type ListRow, type MachineDraft, numberCell, sizeCell } from "./list.ts";

/** A host and its devices. */
interface Pairing {
  readonly host: string;
  /** Names of the device in the list, which changed over time. */
  readonly devices: readonly string[];
  readonly count: number;
  /** Smaller host to multiply if the list lacks this one. */
  readonly scaledFrom?: { readonly host: string; readonly times: number };
}

/**
 * Google's machines with built-in devices, and one N1 host per older device.
 *
 * @source cloud.google.com/compute/docs/gpus, machine types
 */
const pairings: readonly Pairing[] = [
  ...[1, 2, 4, 8].map((count) => ({ host: `a2-highgpu-${count}g`, devices: ["A100"], count })),
  { host: "a2-megagpu-16g", devices: ["A100"], count: 16 },
  ...[1, 2, 4, 8].map((count) => ({ host: `a2-ultragpu-${count}g`, devices: ["A100-80GB"], count })),
  ...[1, 2, 4, 8].map((count) => ({
    host: `a3-highgpu-${count}g`,
    devices: ["H100", "H100-80GB"],
    count,
    ...(count === 1 ? {} : { scaledFrom: { host: "a3-highgpu-1g", times: count } }),
  })),
  { host: "a3-megagpu-8g", devices: ["H100-MEGA", "H100-MEGA-80GB"], count: 8 },
  { host: "a3-ultragpu-8g", devices: ["H200"], count: 8 },
  { host: "a4-highgpu-8g", devices: ["B200"], count: 8 },
  ...[4, 8, 12, 16, 32].map((vcpus) => ({ host: `g2-standard-${vcpus}`, devices: ["L4"], count: 1 })),
  { host: "g2-standard-24", devices: ["L4"], count: 2 },
  { host: "g2-standard-48", devices: ["L4"], count: 4 },
  { host: "g2-standard-96", devices: ["L4"], count: 8 },
  { host: "n1-standard-8", devices: ["T4"], count: 1 },
  { host: "n1-standard-8", devices: ["P100"], count: 1 },
  { host: "n1-standard-8", devices: ["V100"], count: 1 },
];

/** Sums the host's and the device's row of the same zone; both are required. */
export function sumHosts(rows: readonly ListRow[], source: PriceSource): MachineDraft[] {
  const hosts = new Map<string, ListRow>();
  const devices = new Map<string, ListRow>();
  const zones = new Map<string, string>();
  for (const row of rows) {
    const [instance, name, zone] = [cell(row, "InstanceType"), cell(row, "AcceleratorName"), zoneOf(row)];
    zones.set(zone, cell(row, "Region"));
    if (instance !== "" && name === "") hosts.set(`${zone} ${instance}`, row);
    if (instance === "" && name !== "")
      devices.set(`${zone} ${name} ${countCell(row, "AcceleratorCount")}`, row);
  }
  return [...zones].flatMap(([zone, region]) =>
    pairings.flatMap((pairing) => {
      const name = pairing.devices.find((one) => devices.has(`${zone} ${one} ${pairing.count}`));
      const device = devices.get(`${zone} ${name} ${pairing.count}`);
      const own = hosts.get(`${zone} ${pairing.host}`);
      const small = hosts.get(`${zone} ${pairing.scaledFrom?.host}`);
      const host = own ?? small;
      if (name === undefined || device === undefined || host === undefined) return [];
      const times = own === undefined ? (pairing.scaledFrom?.times ?? 1) : 1;
      return [draftFrom({ pairing, name, region, host, times, device }, source)];
    }),
  );
}

/** A machine of a region: its host, multiplied if only a smaller one is listed, and its devices. */
interface PairedRows {
  readonly pairing: Pairing;
  /** Name of the device in the list. */
  readonly name: string;
  readonly region: string;
  readonly host: ListRow;
  readonly times: number;
  readonly device: ListRow;
}

function draftFrom(
  { pairing: { host: instance, count }, name, region, host, times, device }: PairedRows,
  source: PriceSource,
): MachineDraft {
  const isFallback = contradictsItself(device);
  const sum = (column: string): number | null => {
    const [a, b] = [numberCell(host, column), numberCell(device, column)];
    // Pass contradictory prices on: a sum with the host could hide the contradiction.
    if (isFallback) return b;
    return a === null || b === null ? null : a * times + b;
  };
  const scale = (value: number | null): number | null => (value === null ? null : value * times);
  const scaled = times === 1 ? "" : `, host ${times} times the smallest`;
  return {
    provider: "gcp",
    instance: instance.startsWith("n1-") ? `${instance} + ${count} x ${name}` : instance,
    deviceWords: [name],
    deviceCount: count,
    deviceGib: [],
    vcpus: scale(sizeCell(host, "vCPUs")),
    memoryGib: scale(sizeCell(host, "MemoryGiB")),
    region,
    onDemand: sum("Price"),
    spot: sum("SpotPrice"),
    source: { ...source, name: `${source.name} (host + devices${scaled})` },
  };
}

/** Whether on-demand is cheaper than spot: one of the two is a placeholder. */
function contradictsItself(row: ListRow): boolean {
  const [onDemand, spot] = [numberCell(row, "Price"), numberCell(row, "SpotPrice")];
  return onDemand !== null && spot !== null && onDemand < spot;
}

function zoneOf(row: ListRow): string {
  return cell(row, "AvailabilityZone") || cell(row, "Region");
}
