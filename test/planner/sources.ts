/** @file Published rows with their sources: what was measured, what is expected with the source left out. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Device, findDevice } from "../../src/catalog/index.ts";
import {
  estimateStackMemory,
  estimateStackSpeed,
  likenessesOf,
  measuredPrograms,
  type StackSetting,
} from "../../src/plan/index.ts";
import type { Reach, Source } from "./coverage.ts";
import { isScored, type Row, readRows, settingOf, withWidths } from "./rows.ts";

/** Folder of the files, beside the repository. */
export const rowsFolder: string = fileURLToPath(
  new URL("../../../shared/data/measurements/", import.meta.url),
);

/** Whether all files are there. */
export const hasRows: boolean = ["memory", "memory-2", "throughput", "throughput-2"].every((name) =>
  existsSync(`${rowsFolder}${name}.csv`),
);

/**
 * Sources that stayed shut until ranges were chosen: of the four repositories whose rows came after the rules were
 * written, in the order of the SHA-256 of their names, the last two.
 */
const shutRepositories = ["unslothai/notebooks", "AnswerDotAI/fsdp_qlora"];

/** A row with its set-up, the measured value, and where it comes from. */
export interface Sourced {
  readonly row: Row;
  readonly setting: StackSetting;
  /** Catalog's card; `null`: the source does not name it. */
  readonly device: Device | null;
  /** Bytes, or tokens per second of a GPU; a value printed as a whole number is right to `rounding`. */
  readonly measured: number;
  readonly rounding: number;
  readonly repository: string;
  readonly document: string;
  readonly isShut: boolean;
}

const unitBytes: Readonly<Record<string, number>> = { GB: 1e9, MB: 1e6, GiB: 2 ** 30, MiB: 2 ** 20 };

/** Cards by the words of the files: without a size their A100 has 80 GB, their H100 is the SXM one. */
export function deviceOf({ gpu = "" }: Row): Device | null {
  if (gpu === "") return null;
  return findDevice(gpu === "A100" ? "A100-80GB" : gpu === "H100-80GB" ? "H100-SXM" : gpu).device;
}

/** A row of memory with its source. */
export function sourcedOf(row: Row, setting: StackSetting): Sourced {
  const unit = unitBytes[row["unit"] ?? ""] ?? 1e9;
  const rounding = /whole GB/.test(row["notes"] ?? "") ? unit / 2 : 0;
  return sourced(row, setting, Number(row["peak_value"]) * unit, rounding);
}

function sourced(row: Row, setting: StackSetting, measured: number, rounding: number): Sourced {
  const source = row["source"] ?? "";
  const repository = /torchtune/.test(source) ? "meta-pytorch/torchtune" : (/^\S+/.exec(source)?.[0] ?? "");
  return {
    ...{ row, setting, measured, rounding },
    device: deviceOf(row),
    repository: repository === "arXiv" ? source : repository,
    document: source.replace(/\/[^/]+\.(rst|ipynb)$/, ""),
    isShut: shutRepositories.includes(repository),
  };
}

/** Rows of memory with a measured peak. */
export function memoryRows(): Sourced[] {
  return ["memory", "memory-2"]
    .flatMap((name) => readRows(`${rowsFolder}${name}.csv`))
    .filter((row) => isScored(row) && row["peak_value"] !== "")
    .flatMap((row) => {
      const setting = settingOf(row)?.setting;
      return setting ? [sourcedOf(row, setting)] : [];
    });
}

/** Rows of tokens per second of a GPU. */
export function speedRows(): Sourced[] {
  const widths = ["memory", "memory-2"].flatMap((name) => readRows(`${rowsFolder}${name}.csv`));
  return ["throughput", "throughput-2"]
    .flatMap((name) => readRows(`${rowsFolder}${name}.csv`))
    .flatMap((row) => {
      const setting = speedSettingOf(row, widths);
      return setting ? [sourced(row, setting, Number(row["tokens_per_second_per_gpu"]), 0)] : [];
    });
}

/** The set-up of a row of speed. */
export function speedSettingOf(row: Row, widths: readonly Row[]): StackSetting | null {
  const whole = withWidths(row, widths);
  const optimizer = /8-bit/.test(row["notes"] ?? "") ? "8bit" : "";
  const setting = whole && settingOf({ ...whole, optimizer })?.setting;
  if (!setting) return null;
  const isPaged = row["gpu"] === "RTX 4090" && row["method"] === "full"; // the recipe's optimizer on a small card
  return isPaged ? { ...setting, optimizer: "paged-adamw-8bit" } : setting;
}

/** Which of the three measures of memory a row states, as a range of the whole row. */
export function memoryRange(
  row: Row,
  setting: StackSetting,
): { readonly low: number; readonly expected: number; readonly high: number } {
  const { allocated, reserved, process } = estimateStackMemory(setting);
  const { statistic = "", stack } = row;
  // Of a statistic that is not named: torchtune prints the allocator's peak, the others are read off nvidia-smi.
  const isAllocated = statistic === "allocated" || (statistic !== "smi" && stack === "torchtune");
  const chosen = statistic === "reserved" ? reserved : isAllocated ? allocated : process;
  const isNamed = statistic !== "unknown" && statistic !== "";
  const scale = row["scope"] === "total" ? setting.devices : 1;
  return {
    low: scale * allocated.low,
    expected: scale * chosen.expected,
    high: scale * (isNamed ? chosen.high : process.high),
  };
}

function reachOf({ measured, rounding }: Sourced, expected: readonly number[]): Reach {
  return {
    below: (measured + rounding) / Math.min(...expected),
    above: (measured - rounding) / Math.max(...expected),
  };
}

function grouped(
  rows: readonly Sourced[],
  by: "repository" | "document",
  of: (row: Sourced) => Reach,
): Source[] {
  return [...new Set(rows.map((row) => row[by]))].map((name) => ({
    name,
    rows: rows.filter((row) => row[by] === name).map(of),
  }));
}

/** Whether another document has the program of a row. */
function isElsewhere({ row, document }: Sourced, rows: readonly Sourced[]): boolean {
  return rows.some((other) => other.row["stack"] === row["stack"] && other.document !== document);
}

/** Whether another document has the card of a row. */
export function hasCardElsewhere({ device, document }: Sourced, rows: readonly Sourced[]): boolean {
  return rows.some((other) => device && other.device?.name === device.name && other.document !== document);
}

/** Documents whose program has another document, against the program's own rules; of `some` of the rows. */
export function memoryOfKnownPrograms(rows: readonly Sourced[], some: readonly Sourced[] = rows): Source[] {
  const known = some.filter((row) => isElsewhere(row, rows));
  return grouped(known, "document", (one) => reachOf(one, [memoryRange(one.row, one.setting).expected]));
}

/** Repositories against what the programs of the others would take: with a repository its programs are unknown. */
export function memoryOfUnknownPrograms(rows: readonly Sourced[]): Source[] {
  const repositories = new Map(rows.map(({ setting, repository }) => [setting.stack.name, repository]));
  return grouped(rows, "repository", (one) => {
    const others = measuredPrograms.filter((program) => repositories.get(program) !== one.repository);
    const like = likenessesOf(one.setting, others);
    return reachOf(
      one,
      like.map((setting) => memoryRange(one.row, setting).expected),
    );
  });
}

/**
 * Documents of speed, each without what was fitted to it: a card that no other document has is taken for one whose
 * share of the peak nobody knows.
 */
export function speedOfSources(rows: readonly Sourced[]): Source[] {
  return grouped(rows, "document", (one) => {
    if (one.device === null) throw new RangeError(`${one.row["id"]} names no card`);
    const device = hasCardElsewhere(one, rows) ? one.device : { ...one.device, name: "" };
    const { tokensPerSecondPerDevice } = estimateStackSpeed(one.setting, device);
    return reachOf(one, [tokensPerSecondPerDevice.expected]);
  });
}
