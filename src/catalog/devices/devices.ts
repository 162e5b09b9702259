/**
 * @file Accelerators by name: the table's rows as quantities, and the device that a catalog's word means.
 */
import { nearest } from "../../problem/index.ts";
import { type Bytes, bytes, type Range, range } from "../../quantity/index.ts";
import { type DeviceLink, type DeviceRow, deviceRows } from "./table.ts";

/** One accelerator. Plain data. */
export interface Device {
  /** Our name for it, such as `A100-80GB`. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Gigabytes on the label: what shops call it, not what a program gets. */
  readonly labelGib: number;
  /** Memory as the driver reports it; whether something fits is decided on `low`. */
  readonly memoryBytes: Range<Bytes>;
  /** `derived`: by the rule of `memoryOf`, because no report was at hand. */
  readonly memoryOrigin: "reported" | "derived";
  /** Peak of dense 16-bit matrix products in FLOP/s: bf16, or fp16 without it. */
  readonly flopsPerSecond: number;
  readonly bandwidthBytesPerSecond: number;
  readonly hasBf16: boolean;
  /** Between the cards of one machine. */
  readonly link: DeviceLink;
  /** Document that states speed and bandwidth. */
  readonly source: string;
}

/** What a name stands for. */
export type FoundDevice =
  | {
      readonly device: Device;
      /** Not exact: the name leaves open which size or form; the usual one is taken. */
      readonly isExact: boolean;
    }
  | { readonly device: null; readonly suggestions: readonly string[] };

/** Every device, older ones first. */
export const devices: readonly Device[] = deviceRows.map(deviceFrom);

/** Names that stand for several devices. */
const openNames: ReadonlySet<string> = new Set(["v100", "a100", "a100sxm4", "a100sxm", "a100pcie", "h100"]);

/** A device by every spelling of it. */
const byWord: ReadonlyMap<string, Device> = new Map(
  devices.flatMap((device) =>
    [device.name, ...device.aliases].map((name) => [wordOf(name), device] as const),
  ),
);

/**
 * The device a name means: `A100-80GB-SXM4`, `RTX4090` and `nvidia a100 80gb` are all known.
 *
 * @param labelGib memory that stands beside the name, where there is any: tells `A100` of 40 from one of 80 GB
 * @example const found = findDevice("A100-80GB"); // found.device?.labelGib is 80
 */
export function findDevice(name: string, labelGib: number | null = null): FoundDevice {
  const word = wordOf(name);
  const device = byWord.get(word);
  if (device === undefined) return { device: null, suggestions: suggestionsFor(name) };
  const isOpen = openNames.has(word);
  if (labelGib === null) return { device, isExact: !isOpen };
  if (isOfSize(device, labelGib) || !isOpen) return { device, isExact: isOfSize(device, labelGib) };
  // Some catalogs name the chip and give the memory in a column of its own.
  const sibling = devices.find(
    (one) => chipOf(one) === chipOf(device) && isOfSize(one, labelGib) && isLike(one, device),
  );
  return { device: sibling ?? device, isExact: sibling !== undefined };
}

/** Whether the memory is that of the device: within a tenth, since catalogs state labels or reports. */
function isOfSize(device: Device, gib: number): boolean {
  return Math.abs(gib - device.labelGib) <= device.labelGib * 0.1;
}

/** `A100` of `A100-80GB-PCIe`. */
function chipOf({ name }: Device): string {
  return name.split("-")[0] ?? name;
}

/** Cards of one form, where the wanted size exists in it; the NVL form is the only one of 94 GB. */
function isLike(one: Device, other: Device): boolean {
  return one.link === other.link || one.name === "H100-NVL";
}

/** Letters and digits alone, without the maker's names. */
function wordOf(name: string): string {
  return name
    .slice(0, 80)
    .toLowerCase()
    .replace(/nvidia|tesla|geforce|amd|instinct/g, "")
    .replace(/[^a-z0-9]/g, "");
}

/** Up to three names: the nearest spelling first, then those of the same beginning. */
function suggestionsFor(name: string): string[] {
  const word = wordOf(name);
  const near = nearest(word, byWord.keys());
  const first = near === undefined ? [] : [byWord.get(near)?.name ?? ""];
  const chip = /^[a-z]+[0-9]+/.exec(word)?.[0] ?? word;
  const alike =
    chip.length < 2 ? [] : devices.map((one) => one.name).filter((one) => wordOf(one).startsWith(chip));
  return [...new Set([...first, ...alike])].slice(0, 3);
}

function deviceFrom(row: DeviceRow): Device {
  return {
    name: row.name,
    aliases: row.aliases,
    labelGib: row.labelGib,
    memoryBytes: memoryOf(row),
    memoryOrigin: row.reportedMib === undefined ? "derived" : "reported",
    flopsPerSecond: row.tflops * 1e12,
    bandwidthBytesPerSecond: row.bandwidthGbPerSecond * 1e9,
    hasBf16: row.bf16 ?? true,
    link: row.link,
    source: row.source,
  };
}

/**
 * Memory from a report, or from the label.
 *
 * Reported: the figure; a program sees up to 1.5 % less of it, since the driver keeps some. Derived: 93 % of the label
 * (92 to 94) where GDDR memory corrects errors, because a sixteenth holds the correction; else 99 % (97.5 to 100).
 *
 * @source the reported rows themselves: T4 91.0, A10G and L4 93.1, L40S 93.1, A40 93.7 % of the label; RTX 4090 99.9,
 *   RTX 5090 99.5, H100 99.6, H200 99.6, B200 99.5 %. PyTorch reports 79.1 to 79.3 GiB of an A100's 80 and 15.8 of a
 *   V100's 16
 */
function memoryOf({ reportedMib, labelGib, memory }: DeviceRow): Range<Bytes> {
  const scale = (unit: number, low: number, expected: number, high: number): Range<Bytes> =>
    range(bytes(unit * low), bytes(unit * expected), bytes(unit * high));
  if (reportedMib !== undefined) return scale(reportedMib * 2 ** 20, 0.985, 1, 1);
  const label = labelGib * 2 ** 30;
  return memory === "corrected gddr" ? scale(label, 0.92, 0.93, 0.94) : scale(label, 0.975, 0.99, 1);
}
