/** @file Reads gpuhunt's catalog: a dated zip archive with one table per provider. */
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
import { validateMachines } from "./validate-machines.ts";

/** Maps provider names to those of SkyPilot's catalogs, so that rows can be merged. */
const providerNames: Readonly<Record<string, string>> = {
  lambdalabs: "lambda",
  vastai: "vast",
  datacrunch: "verda",
};

const needed = ["instance_name", "location", "price", "gpu_count", "gpu_name", "gpu_memory", "spot"];

/** Returns the ISO date of a gpuhunt version, or `null` if it is not a date. */
export function gpuhuntDate(version: string): string | null {
  const parts = /^(\d{4})(\d{2})(\d{2})(?:-\d{1,6})?$/.exec(version.trim());
  return parts === null ? null : `${parts[1]}-${parts[2]}-${parts[3]}`;
}

/**
 * Reads a provider's table of the archive.
 *
 * Findings: as `validateMachines`.
 *
 * @param file name in the archive: `aws.csv`
 * @throws {TunewiseError} `PRICES_CATALOG_UNREADABLE` if the text is too large or lacks the columns
 * @source dstackai/gpuhunt src/gpuhunt/_internal/models.py and catalog.py, catalog version 2
 */
export function readGpuhuntTable(text: string, file: string, source: PriceSource): MachineList {
  const list = `${source.name} ${file}`;
  const rejected = new RejectedRows();
  const word = file.replace(/\.csv$/, "");
  const provider = providerNames[word] ?? word;
  const drafts = new Map<string, MachineDraft>();
  for (const record of readListRows(text, needed, list, rejected)) {
    const draft = draftFrom(record, provider, source);
    if (draft !== null) addHalf(drafts, draft, cell(record, "location"));
  }
  return validateMachines(drafts.values(), rejected, list);
}

/** Joins the on-demand and spot rows of a machine, so that their prices can be compared. */
function addHalf(drafts: Map<string, MachineDraft>, draft: MachineDraft, zone: string): void {
  const key = JSON.stringify([draft.instance, zone, draft.deviceWords, draft.deviceCount]);
  const other = drafts.get(key);
  const merged = {
    ...draft,
    onDemand: cheaper(draft.onDemand, other?.onDemand),
    spot: cheaper(draft.spot, other?.spot),
  };
  drafts.set(key, merged);
}

function cheaper(one: number | null, other: number | null | undefined): number | null {
  if (one === null || other === null || other === undefined) return one ?? other ?? null;
  return Math.min(one, other);
}

/** Converts a row; `null` for machines without devices. */
function draftFrom(row: ListRow, provider: string, source: PriceSource): MachineDraft | null {
  const [instance, name] = [cell(row, "instance_name"), cell(row, "gpu_name")];
  const deviceCount = countCell(row, "gpu_count");
  if (instance === "" || name === "" || deviceCount === null) return null;
  const isSpot = /^true$/i.test(cell(row, "spot"));
  // An empty price is as invalid as one that is not a number.
  const price = numberCell(row, "price") ?? Number.NaN;
  const gib = sizeCell(row, "gpu_memory");
  const zone = cell(row, "location");
  return {
    provider,
    instance,
    deviceWords: /pcie/i.test(instance) ? [`${name}-PCIe`, name] : [name],
    deviceCount,
    deviceGib: gib === null ? [] : [gib],
    vcpus: sizeCell(row, "cpu"),
    memoryGib: sizeCell(row, "memory"),
    region: provider === "gcp" ? zone.replace(/-[a-z]$/, "") : zone,
    onDemand: isSpot ? null : price,
    spot: isSpot ? price : null,
    source,
  };
}
