/** @file Published rows with their sources: measured values and the planner's estimates. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Device, findDevice } from "../../packages/tunewise/src/catalog/index.ts";
import {
  estimateStackMemory,
  estimateStackSpeed,
  type StackSetting,
  speedFactors,
} from "../../packages/tunewise/src/plan/index.ts";
import { mapRange, widened } from "../../packages/tunewise/src/plan/range-arithmetic.ts";
import { type Factors, middle, type Reach, type Source } from "./coverage.ts";
import { isScored, type Row, readRows, settingOf, withWidths } from "./rows.ts";

/** Folder of the measurement files, outside the repository. */
export const rowsFolder: string = fileURLToPath(
  new URL("../../../shared/data/measurements/", import.meta.url),
);

const memoryFiles = ["memory", "memory-2", "memory-3"];
const speedFiles = ["throughput", "throughput-2", "throughput-3"];

/** Whether all files exist. */
export const hasRows: boolean = [...memoryFiles, ...speedFiles].every((name) =>
  existsSync(`${rowsFolder}${name}.csv`),
);

/** Low, expected and high estimate before range factors. They differ if the row leaves a setting open. */
export interface Expected {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** How a range follows from an estimate and factors, and which factors just cover a measured value. */
export interface RangeRule {
  readonly rangeOf: (planned: Expected, factors: Factors) => Factors;
  readonly reachOf: (measured: number, rounding: number, planned: Expected) => Reach;
}

/** The estimate has its own uncertainty: deviations add in quadrature. */
export const inQuadrature: RangeRule = {
  rangeOf: widened,
  reachOf: (measured, rounding, { low, expected, high }) => {
    // the part of the deviation that the estimate's own uncertainty does not explain
    const rest = (whole: number, own: number): number =>
      Math.sqrt(Math.max(0, whole ** 2 - own ** 2)) / expected;
    const [below, above] = [expected - measured - rounding, measured - rounding - expected];
    return {
      below: 1 - rest(Math.max(0, below), expected - low),
      above: 1 + rest(Math.max(0, above), high - expected),
    };
  },
};

/** The factors multiply both ends of the estimate. */
const byFactors: RangeRule = {
  rangeOf: ({ low, high }, factors) => ({ low: factors.low * low, high: factors.high * high }),
  reachOf: (measured, rounding, { low, high }) => ({
    below: (measured + rounding) / low,
    above: (measured - rounding) / high,
  }),
};

/** A row with its setup, measured value and source. */
export interface Sourced {
  readonly row: Row;
  readonly setting: StackSetting;
  /** The GPU in the catalog; `null`: the source does not name it. */
  readonly device: Device | null;
  /** Bytes, or tokens per second of a GPU; a value printed as an integer is accurate to `rounding`. */
  readonly measured: number;
  readonly rounding: number;
  readonly source: string;
  readonly planned: Expected;
  /**
   * Other quantities that the source may have measured if it does not say; the row is inside if any of them matches.
   */
  readonly others: readonly Expected[];
  readonly rule: RangeRule;
  /** Prediction of a one-constant rule, in units of its constant. */
  readonly trivial: number;
}

const unitBytes: Readonly<Record<string, number>> = { GB: 1e9, MB: 1e6, GiB: 2 ** 30, MiB: 2 ** 20 };

/** The GPU of a row. An A100 without a size has 80 GB; an H100 is the SXM model. */
export function deviceOf({ gpu = "" }: Row): Device | null {
  if (gpu === "") return null;
  return findDevice(gpu === "A100" ? "A100-80GB" : gpu === "H100-80GB" ? "H100-SXM" : gpu).device;
}

/** Repository or paper of a row: its documents share authors, machines and errors. */
function sourceOf({ source = "" }: Row): string {
  if (/torchtune/.test(source)) return "meta-pytorch/torchtune";
  const first = /^\S+/.exec(source)?.[0] ?? "";
  return first === "arXiv" ? source : first;
}

/** Memory rows with a measured peak. */
export function memoryRows(): Sourced[] {
  return memoryFiles
    .flatMap((name) => readRows(`${rowsFolder}${name}.csv`))
    .filter((row) => isScored(row) && row["peak_value"] !== "")
    .flatMap((row) => {
      const setting = settingOf(row)?.setting;
      if (!setting) return [];
      const unit = unitBytes[row["unit"] ?? ""] ?? 1e9;
      return [
        {
          row,
          setting,
          device: deviceOf(row),
          measured: Number(row["peak_value"]) * unit,
          rounding: /whole GB/.test(row["notes"] ?? "") ? unit / 2 : 0,
          source: sourceOf(row),
          ...expectedMemory(row, setting),
          rule: inQuadrature,
          trivial: setting.model.parameters.total / setting.devices,
        },
      ];
    });
}

/**
 * Estimates for the memory statistic that a row states. If the row does not name one, any value from allocated to
 * process memory counts. The best guess is the allocator's peak for torchtune and nvidia-smi for the others.
 */
function expectedMemory(row: Row, setting: StackSetting): Pick<Sourced, "planned" | "others"> {
  const card = deviceOf(row)?.memoryBytes.low ?? Number.POSITIVE_INFINITY;
  const { allocated, reserved, process } = estimateStackMemory(setting, card, { low: 1, high: 1 });
  const { statistic = "", stack } = row;
  const scale = row["scope"] === "total" ? setting.devices : 1;
  const scaled = (one: Expected): Expected => mapRange(one, (bytes) => scale * bytes);
  const named = { allocated, reserved, smi: process }[statistic];
  if (named) return { planned: scaled(named), others: [] };
  const usual = stack === "torchtune" ? allocated : process;
  return { planned: scaled(usual), others: [allocated, process].map(scaled) };
}

/** Rows with tokens per second of a GPU. */
export function speedRows(): Sourced[] {
  const widths = memoryFiles.flatMap((name) => readRows(`${rowsFolder}${name}.csv`));
  const found = speedFiles
    .flatMap((name) => readRows(`${rowsFolder}${name}.csv`))
    .flatMap((row) => {
      const setting = speedSettingOf(row, widths);
      const device = deviceOf(row);
      return setting && device ? [{ row, setting, device, source: sourceOf(row) }] : [];
    });
  return found.map((one) => {
    const isKnown = found.some(
      ({ device, source }) => source !== one.source && device.name === one.device.name,
    );
    // for a GPU that no other source has, the share of its peak was fitted to this source
    const device = isKnown ? one.device : { ...one.device, name: "" };
    const of = (setting: StackSetting): Expected => {
      const { low, expected, high } = estimateStackSpeed(
        setting,
        device,
        microBatchesOf(one.row, setting),
      ).tokensPerSecondPerDevice;
      const share = realShare(one.row);
      return {
        low: (share * low) / speedFactors.low,
        expected: share * expected,
        high: (share * high) / speedFactors.high,
      };
    };
    const planned = of(one.setting);
    // neither batch size nor length is stated: there may be only a few tokens
    const isOpen = !one.row["seq_len"] && !isUnpacked(one.row);
    return {
      ...one,
      measured: Number(one.row["tokens_per_second_per_gpu"]),
      rounding: 0,
      others: [],
      rule: byFactors,
      planned: isOpen ? { ...planned, low: of({ ...one.setting, length: fewTokens }).low } : planned,
      trivial: one.device.flopsPerSecond / (6 * one.setting.model.parameters.total),
    };
  });
}

/** Micro-batches per step, if the row states the rows per step. */
function microBatchesOf({ notes = "" }: Row, { rows }: StackSetting): number {
  return Number(/(\d+) rows of/.exec(notes)?.[1] ?? rows) / rows;
}

/**
 * Unpacked Alpaca rows, far shorter than the maximum: mean length of the longer of two rows, and the share of real
 * tokens.
 */
const unpackedAlpaca = { length: 200, realShare: 0.75 } as const;
/** Minimum number of tokens in a batch whose size is not stated. */
const fewTokens = 128;
/** PEFT's comparison makes 5,000 steps of 4 rows (planning reference, section 10). */
const metaMathRows = 20_000;

function isUnpacked({ notes = "" }: Row): boolean {
  return /baseline, unpacked/.test(notes);
}

function realShare(row: Row): number {
  return isUnpacked(row) ? unpackedAlpaca.realShare : 1;
}

/** The setup of a speed row, with the mean length of its rows. */
export function speedSettingOf(row: Row, widths: readonly Row[]): StackSetting | null {
  const { notes = "" } = row;
  const whole = withWidths(row, widths);
  const optimizer = /8-bit/.test(notes) ? "8bit" : "";
  const setting = whole && settingOf({ ...whole, optimizer })?.setting;
  if (!setting) return null;
  const tokens = /([\d,]+) real tokens/.exec(notes)?.[1];
  const length = isUnpacked(row)
    ? unpackedAlpaca.length
    : tokens === undefined
      ? setting.length
      : Math.round(Number(tokens.replaceAll(",", "")) / metaMathRows);
  const isPaged = row["gpu"] === "RTX 4090" && row["method"] === "full"; // the recipe's optimizer on a small GPU
  return { ...setting, length, lengths: [], ...(isPaged ? { optimizer: "paged-adamw-8bit" as const } : {}) };
}

/** Groups rows by source and computes their reach. */
export function reaches(rows: readonly Sourced[]): Source[] {
  return [...new Set(rows.map(({ source }) => source))].map((name) => ({
    name,
    rows: rows.filter(({ source }) => source === name).map(reachOf),
  }));
}

export function reachOf({ measured, rounding, planned, others, rule }: Sourced): Reach {
  const reaches = [planned, ...others].map((one) => rule.reachOf(measured, rounding, one));
  return {
    below: Math.max(...reaches.map(({ below }) => below)),
    above: Math.min(...reaches.map(({ above }) => above)),
  };
}

/** Relative error of the expected value. */
export function errorOf({ planned, measured }: Sourced): number {
  return planned.expected / measured - 1;
}

/** Width of a row's range: high end divided by low end. */
export function widthOf({ planned, rule }: Sourced, factors: Factors): number {
  const { low, high } = rule.rangeOf(planned, factors);
  return high / low;
}

/**
 * The trivial rule with its constant derived from the other sources: bytes per parameter by method for memory, one
 * share of the peak for speed. Returns relative errors.
 */
export function trivialErrors(rows: readonly Sourced[], groupOf: (one: Sourced) => string): number[] {
  return rows.map((one) => {
    const others = rows.filter(({ source }) => source !== one.source);
    const alike = others.filter((other) => groupOf(other) === groupOf(one));
    const constant = middle((alike.length > 0 ? alike : others).map((row) => row.measured / row.trivial));
    return (constant * one.trivial) / one.measured - 1;
  });
}
