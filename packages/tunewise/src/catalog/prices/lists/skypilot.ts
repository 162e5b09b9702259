/** @file Reads SkyPilot's catalogs, one table per cloud, including the differences between clouds. */
import type { PriceSource } from "../book.ts";
import {
  cell,
  countCell,
  type ListRow,
  type MachineDraft,
  type MachineList,
  numberCell,
  RejectedRows,
  readListRows,
  sizeCell,
} from "./list.ts";
import { sumHosts } from "./skypilot-gcp.ts";
import { validateMachines } from "./validate-machines.ts";

/** Supported clouds, with the latest schema folder of each. */
export const skypilotClouds = {
  aws: "v8",
  azure: "v6",
  gcp: "v8",
  lambda: "v8",
  nebius: "v8",
  runpod: "v8",
  vast: "v8",
} as const;

/** A supported cloud. */
export type SkypilotCloud = keyof typeof skypilotClouds;

const needed = ["InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region"];

/** Corrections of wrong counts in the list. */
const countCorrections: Readonly<Record<string, { readonly stated: number; readonly right: number }>> = {
  Standard_ND96isr_H100_v5: { stated: 12, right: 8 },
};

/**
 * Reads a cloud's `vms.csv` by its header.
 *
 * Findings: as `validateMachines`.
 *
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if the text is too large or lacks the columns
 * @source skypilot-org/skypilot-catalog README.md and catalogs/v8; differences between clouds as found in the rows
 */
export function readSkypilotCatalog(text: string, cloud: SkypilotCloud, source: PriceSource): MachineList {
  const rejected = new RejectedRows();
  const records = readListRows(text, needed, source.name, rejected);
  const drafts = records.flatMap((row) => draftFrom(row, cloud, source, rejected));
  const summed = cloud === "gcp" ? sumHosts(records, source) : [];
  return validateMachines([...drafts, ...summed], rejected, source.name);
}

/** Converts a row; nothing for rows without a device, and for GCP's separate host and device rows. */
function draftFrom(
  row: ListRow,
  cloud: SkypilotCloud,
  source: PriceSource,
  rejected: RejectedRows,
): MachineDraft[] {
  const instance = cell(row, "InstanceType");
  const name = cell(row, "AcceleratorName");
  if (instance === "" || name === "") return [];
  const stated = countCell(row, "AcceleratorCount");
  if (stated === null) {
    rejected.add("PRICE_ROWS_REFUSED", "the count of devices is not whole", instance);
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

/** Form factor implied by the instance's name but not by the device's name. */
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
 * Memory of one device. The field is documented as MiB per device, which holds for AWS and Lambda; RunPod uses GiB,
 * Vast the sum of all devices. The cloud's own convention comes first, others follow in case it changes.
 */
function gibInInfo(info: string, count: number, cloud: SkypilotCloud): number[] {
  const stated = Number(/'sizeinmib': ?(\d{1,9}(?:\.\d{1,6})?)/i.exec(info)?.[1] ?? Number.NaN);
  if (!(stated > 0)) return [];
  const each = stated / 1024;
  if (cloud === "runpod") return [stated, each];
  return cloud === "vast" ? [each / count, each] : [each, stated];
}
