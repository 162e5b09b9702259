/** @file Lists rows of the price book, cheapest first within each device. */
import {
  devices,
  emptyPrices,
  findDevice,
  findStalePrices,
  type MachineOffer,
  type PriceBook,
} from "../../catalog/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { loadPriceBook } from "./load.ts";

/** Filter of the price book. Without fields, it matches all rows. */
export interface PriceFilter {
  /** A device in any spelling. A name without a size, such as `A100`, matches all sizes. */
  readonly gpu?: string;
  /** A provider of machines, or a vendor of models. */
  readonly provider?: string;
  /** Whether to list only spot prices. */
  readonly spot?: boolean;
  /** The user's price file, relative to the working folder. */
  readonly file?: string;
}

/** Listed prices with their warnings. */
export interface ListedPrices {
  readonly prices: PriceBook;
  /** `PRICES_STALE`, and findings from loading the prices. */
  readonly findings: readonly Finding[];
  /** Reference date for the ages of prices. */
  readonly today: Date;
  readonly storedFile: string | null;
  readonly userFile: string | null;
}

/**
 * Lists prices. Device and spot filters apply to machines, so they exclude hosted training and inference.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID` for an unknown device or provider, and those of `loadPriceBook`
 */
export async function listPrices(runtime: Runtime, filter: PriceFilter = {}): Promise<ListedPrices> {
  const loaded = await loadPriceBook(runtime, runtime.cwd, filter.file ?? null);
  const prices = choose(loaded.prices, filter);
  const today = runtime.now();
  const rows = [...prices.machines, ...prices.training, ...prices.inference];
  const findings = [...loaded.findings, ...findStalePrices(rows, today)];
  return { prices, findings, today, storedFile: loaded.storedFile, userFile: loaded.userFile };
}

function choose(book: PriceBook, { gpu, provider, spot = false }: PriceFilter): PriceBook {
  const names = gpu === undefined ? null : devicesOf(gpu);
  const vendor = provider?.toLowerCase();
  if (vendor !== undefined) checkVendor(book, vendor);
  const machines = book.machines.filter(
    (row) =>
      (names === null || names.includes(row.device)) &&
      (!spot || row.pricing === "spot") &&
      (vendor === undefined || row.provider.toLowerCase() === vendor),
  );
  const services = names !== null || spot ? emptyPrices : book;
  const isWanted = (row: { vendor: string }): boolean =>
    vendor === undefined || row.vendor.toLowerCase() === vendor;
  return {
    machines: machines.sort(byDeviceAndPrice),
    training: services.training.filter(isWanted),
    inference: services.inference.filter(isWanted),
  };
}

/** Sorts by device in table order, then by price per device. */
function byDeviceAndPrice(a: MachineOffer, b: MachineOffer): number {
  const at = ({ device }: MachineOffer): number => devices.findIndex(({ name }) => name === device);
  return at(a) - at(b) || a.usdPerHour / a.deviceCount - b.usdPerHour / b.deviceCount;
}

/** Names of the matching devices: a single one, or all sizes and forms if the name does not specify them. */
function devicesOf(gpu: string): string[] {
  const found = findDevice(gpu);
  if (found.device === null) {
    const near = found.suggestions.map((name) => `\`${name}\``).join(" or ");
    const fix = near === "" ? "tunewise prices list" : `did you mean ${near}?`;
    throw problem("USAGE_VALUE_INVALID", {
      name: "--gpu",
      expected: "a known device",
      found: quoted(gpu),
      fix,
    });
  }
  const { name } = found.device;
  if (found.isExact) return [name];
  const chip = name.split("-")[0] ?? name;
  return devices.map((one) => one.name).filter((one) => one.split("-")[0] === chip);
}

function checkVendor(book: PriceBook, vendor: string): void {
  const known = new Set([
    ...book.machines.map((row) => row.provider.toLowerCase()),
    ...[...book.training, ...book.inference].map((row) => row.vendor.toLowerCase()),
  ]);
  if (known.has(vendor)) return;
  const fix = `write one of them: ${[...known].join(", ")}`;
  throw problem("USAGE_VALUE_INVALID", {
    name: "--provider",
    expected: "a known provider",
    found: quoted(vendor),
    fix,
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
