/** @file Accelerators by name: devices with units, and lookup of the names used in catalogs. */

import { type Bytes, bytes, type Range, range } from "@tunewise/core/quantity";
import { nearest } from "../../problem/index.ts";
import { readTableText } from "../table-text.ts";
import { type DeviceLink, deviceTable } from "./table.ts";

/** An accelerator. Plain data. */
export interface Device {
  /** Canonical name, such as `A100-80GB`. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Nominal memory; programs get less. */
  readonly labelGib: number;
  /** Memory as reported by the driver; use `low` to decide whether something fits. */
  readonly memoryBytes: Range<Bytes>;
  /** `derived`: estimated by `memoryOf`, because no reported value is known. */
  readonly memoryOrigin: "reported" | "derived";
  /** Peak of dense 16-bit matrix products in FLOP/s: bf16, or fp16 on cards without bf16. */
  readonly flopsPerSecond: number;
  /** The same for float32, without TF32. */
  readonly float32FlopsPerSecond: number;
  readonly bandwidthBytesPerSecond: number;
  readonly hasBf16: boolean;
  /** CUDA compute capability, such as `8.0`; `null`: not an NVIDIA card. */
  readonly capability: string | null;
  /** Interconnect within a machine. */
  readonly link: DeviceLink;
  /** Source of speed and bandwidth. */
  readonly source: string;
}

/** Result of a lookup by name. */
export type FoundDevice =
  | {
      readonly device: Device;
      /** `false`: the name is ambiguous in size or form factor, and the most common device is returned. */
      readonly isExact: boolean;
    }
  | { readonly device: null; readonly suggestions: readonly string[] };

/** Every device, older ones first. */
export const devices: readonly Device[] = [...readTableText(deviceTable).rows].map(({ record }) =>
  deviceFrom(record ?? {}),
);

/** Ambiguous names. */
const ambiguousNames: ReadonlySet<string> = new Set("v100 a100 a100sxm4 a100sxm a100pcie h100".split(" "));

/** Devices by normalized name or alias. */
const byWord: ReadonlyMap<string, Device> = new Map(
  devices.flatMap((device) =>
    [device.name, ...device.aliases].map((name) => [wordOf(name), device] as const),
  ),
);

/**
 * Finds a device by name: it recognizes `A100-80GB-SXM4`, `RTX4090` and `nvidia a100 80gb`.
 *
 * @param labelGib nominal memory, if known: distinguishes an `A100` with 40 GB from one with 80 GB
 * @example const found = findDevice("A100-80GB"); // found.device?.labelGib is 80
 */
export function findDevice(name: string, labelGib: number | null = null): FoundDevice {
  const word = wordOf(name);
  const device = byWord.get(word);
  if (device === undefined) return { device: null, suggestions: suggestionsFor(name) };
  const isAmbiguous = ambiguousNames.has(word);
  if (labelGib === null) return { device, isExact: !isAmbiguous };
  if (isOfSize(device, labelGib) || !isAmbiguous) return { device, isExact: isOfSize(device, labelGib) };
  // Some catalogs name only the chip and state the memory in another column.
  const sibling = devices.find(
    (one) => chipOf(one) === chipOf(device) && isOfSize(one, labelGib) && isLike(one, device),
  );
  return { device: sibling ?? device, isExact: sibling !== undefined };
}

/** Whether the memory matches within 10 %, since catalogs state nominal or reported values. */
function isOfSize(device: Device, gib: number): boolean {
  return Math.abs(gib - device.labelGib) <= device.labelGib * 0.1;
}

/** `A100` of `A100-80GB-PCIe`. */
function chipOf({ name }: Device): string {
  return name.split("-")[0] ?? name;
}

/** Whether the form factors match; only the NVL form has 94 GB. */
function isLike(one: Device, other: Device): boolean {
  return one.link === other.link || one.name === "H100-NVL";
}

/** Normalizes a name: letters and digits only, without vendor names. */
function wordOf(name: string): string {
  return name
    .slice(0, 80)
    .toLowerCase()
    .replace(/nvidia|tesla|geforce|amd|instinct/g, "")
    .replace(/[^a-z0-9]/g, "");
}

/** Suggests up to three names: the most similar one first, then others with the same prefix. */
function suggestionsFor(name: string): string[] {
  const word = wordOf(name);
  const near = nearest(word, byWord.keys());
  const first = near === undefined ? [] : [byWord.get(near)?.name ?? ""];
  const chip = /^[a-z]+[0-9]+/.exec(word)?.[0] ?? word;
  const alike =
    chip.length < 2 ? [] : devices.map((one) => one.name).filter((one) => wordOf(one).startsWith(chip));
  return [...new Set([...first, ...alike])].slice(0, 3);
}

function deviceFrom(row: Readonly<Record<string, string>>): Device {
  const { name = "", aliases = "", link, source = "" } = row;
  return {
    name,
    aliases: aliases === "" ? [] : aliases.split("|"),
    labelGib: Number(row["label_gib"]),
    memoryBytes: memoryOf(row),
    memoryOrigin: row["reported_mib"] === "" ? "derived" : "reported",
    flopsPerSecond: Number(row["tflops"]) * 1e12,
    float32FlopsPerSecond: Number(row["tflops_fp32"]) * 1e12,
    bandwidthBytesPerSecond: Number(row["gb_per_second"]) * 1e9,
    hasBf16: row["bf16"] === "yes",
    capability: row["capability"] || null,
    link: link as DeviceLink,
    source,
  };
}

/**
 * Memory as reported, or derived from the nominal value.
 *
 * Reported: programs see up to 1.5 % less, since the driver reserves some. Derived: 93 % of the nominal value (92 to
 * 94) for GDDR with ECC, because a sixteenth stores the code; else 99 % (97.5 to 100).
 *
 * @source the reported rows themselves: T4 91.0, A10G and L4 93.1, L40S 93.1, A40 93.7 % of the label; RTX 4090 99.9,
 *   RTX 5090 99.5, H100 99.6, H200 99.6, B200 99.5 %. PyTorch reports 79.1 to 79.3 GiB of an A100's 80 and 15.8 of a
 *   V100's 16
 */
function memoryOf(row: Readonly<Record<string, string>>): Range<Bytes> {
  const scale = (unit: number, low: number, expected: number, high: number): Range<Bytes> =>
    range(bytes(unit * low), bytes(unit * expected), bytes(unit * high));
  const reported = Number(row["reported_mib"]) * 2 ** 20;
  if (reported > 0) return scale(reported, 0.985, 1, 1);
  const label = Number(row["label_gib"]) * 2 ** 30;
  return row["memory"] === "corrected gddr" ? scale(label, 0.92, 0.93, 0.94) : scale(label, 0.975, 0.99, 1);
}
