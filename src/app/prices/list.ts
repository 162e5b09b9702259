/**
 * @file Looks into the price book: rows that a person asked for, cheapest first within each device.
 */
import {
  devices,
  emptyPrices,
  findDevice,
  findStalePrices,
  type MachineOffer,
  type PriceBook,
} from "../../catalog/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import type { Host } from "../../runtime/index.ts";
import { loadPriceBook } from "./load.ts";

/** Which rows are wanted; all of them where nothing is said. */
export interface PriceFilter {
  /** A device in any spelling; a name that leaves the size open, such as `A100`, means all sizes. */
  readonly gpu?: string;
  /** A provider of machines or a vendor of models. */
  readonly provider?: string;
  /** Spot prices alone. */
  readonly spot?: boolean;
  /** The user's price file, relative to the working folder. */
  readonly file?: string;
}

/** Chosen prices with the warnings that belong to them. */
export interface ListedPrices {
  readonly prices: PriceBook;
  /** `PRICES_STALE`, and what loading found. */
  readonly findings: readonly Finding[];
  /** When the list was made: ages are counted from here. */
  readonly today: Date;
  readonly storedFile: string | null;
  readonly userFile: string | null;
}

/**
 * Lists prices. A device or spot is a matter of machines, so that with either of them training and answers are left
 * out.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID` for a device or provider that is not known; as `loadPriceBook`
 */
export async function listPrices(host: Host, filter: PriceFilter = {}): Promise<ListedPrices> {
  const loaded = await loadPriceBook(host, host.cwd, filter.file ?? null);
  const prices = choose(loaded.prices, filter);
  const today = host.now();
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

/** In the order of the table of devices, then by what one device costs. */
function byDeviceAndPrice(a: MachineOffer, b: MachineOffer): number {
  const at = ({ device }: MachineOffer): number => devices.findIndex(({ name }) => name === device);
  return at(a) - at(b) || a.usdPerHour / a.deviceCount - b.usdPerHour / b.deviceCount;
}

/** One name, or those of all sizes and forms where the word leaves them open. */
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
