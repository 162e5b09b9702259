/**
 * @file SkyPilot's catalogs, one table per cloud; what each cloud does differently is written down here.
 */
import { problem } from "../../../problem/index.ts";
import type { PriceSource } from "../book.ts";
import { readTableText } from "../table-text.ts";
import { cell, countCell, type ListRow, numberCell, sizeCell } from "./cells.ts";
import { type MachineDraft, type MachineList, maxListLength, Refusals } from "./list.ts";
import { settleMachines } from "./settle.ts";
import { sumHosts } from "./skypilot-gcp.ts";

/** Clouds whose catalogs are read, with the newest schema folder that has them. */
export const skypilotClouds = {
  aws: "v8",
  azure: "v6",
  gcp: "v8",
  lambda: "v8",
  nebius: "v8",
  runpod: "v8",
  vast: "v8",
} as const;

/** A cloud of SkyPilot's. */
export type SkypilotCloud = keyof typeof skypilotClouds;

const needed = ["InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region"];

/** Counts that the list has wrong. */
const countCorrections: Readonly<Record<string, { readonly stated: number; readonly right: number }>> = {
  Standard_ND96isr_H100_v5: { stated: 12, right: 8 },
};

/**
 * Reads one cloud's `vms.csv`, by its header.
 *
 * Findings: as `settleMachines`.
 *
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if the text is too large or lacks the columns
 * @source skypilot-org/skypilot-catalog README.md and catalogs/v8; the traps of each cloud as its rows show them
 */
export function readSkypilotCatalog(text: string, cloud: SkypilotCloud, source: PriceSource): MachineList {
  if (text.length > maxListLength) {
    throw problem("PRICES_CATALOG_UNREADABLE", { source: source.name, reason: "it is too large" });
  }
  const { columns, rows } = readTableText(text);
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    const reason = `it has no column ${missing.join(", ")}`;
    throw problem("PRICES_CATALOG_UNREADABLE", { source: source.name, reason });
  }
  const refusals = new Refusals();
  const records: ListRow[] = [];
  for (const { line, record } of rows) {
    if (record === null) refusals.add("PRICE_ROWS_REFUSED", "the row is broken", `line ${line}`);
    else records.push(record);
  }
  const drafts = records.flatMap((row) => draftFrom(row, cloud, source, refusals));
  const summed = cloud === "gcp" ? sumHosts(records, source) : [];
  return settleMachines([...drafts, ...summed], refusals, source.name);
}

/** One draft, or none for rows without a device, and for GCP's halves of a machine. */
function draftFrom(
  row: ListRow,
  cloud: SkypilotCloud,
  source: PriceSource,
  refusals: Refusals,
): MachineDraft[] {
  const instance = cell(row, "InstanceType");
  const name = cell(row, "AcceleratorName");
  if (instance === "" || name === "") return [];
  const stated = countCell(row, "AcceleratorCount");
  if (stated === null) {
    refusals.add("PRICE_ROWS_REFUSED", "the count of devices is not whole", instance);
    return [];
  }
  const correction = countCorrections[instance];
  const isCorrected = correction?.stated === stated;
  const deviceCount = isCorrected ? correction.right : stated;
  const info = cell(row, "GpuInfo");
  return [
    {
      provider: cloud,
      instance,
      deviceWords: [...formOf(instance, name), ...nameInInfo(info), name],
      deviceCount,
      deviceGib: gibInInfo(info, deviceCount, cloud),
      vcpus: sizeCell(row, "vCPUs"),
      memoryGib: sizeCell(row, "MemoryGiB"),
      region: cell(row, "Region"),
      onDemand: numberCell(row, "Price"),
      spot: numberCell(row, "SpotPrice"),
      source: isCorrected
        ? { ...source, name: `${source.name} (count corrected from ${stated} to ${deviceCount})` }
        : source,
    },
  ];
}

/** The form that an instance's name tells and the device's name does not. */
function formOf(instance: string, name: string): string[] {
  if (/_NC\d+ad\w*_H100_v5/.test(instance) || /nvl/i.test(instance)) return ["H100-NVL"];
  if (/_NC\d+ads_A100_v4/.test(instance)) return ["A100-80GB-PCIe"];
  return /pcie/i.test(instance) ? [`${name}-PCIe`] : [];
}

/** `A100 PCIe` of `{'Gpus': [{'Name': 'A100 PCIe', ...`. */
function nameInInfo(info: string): string[] {
  const name = /'name': ?'([^']{1,40})'/i.exec(info)?.[1];
  return name === undefined ? [] : [name];
}

/**
 * Memory of one device. The field is named MiB of one device, and holds that on AWS and Lambda; RunPod writes GiB into
 * it, Vast the sum of all devices. The cloud's own reading comes first, the others follow in case it changes its mind.
 */
function gibInInfo(info: string, count: number, cloud: SkypilotCloud): number[] {
  const stated = Number(/'sizeinmib': ?(\d{1,9}(?:\.\d{1,6})?)/i.exec(info)?.[1] ?? Number.NaN);
  if (!(stated > 0)) return [];
  const each = stated / 1024;
  if (cloud === "runpod") return [stated, each];
  return cloud === "vast" ? [each / count, each] : [each, stated];
}
