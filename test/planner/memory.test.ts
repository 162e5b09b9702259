/**
 * @file The planner's memory against published rows, printed row by row: the rules of each program are fixed, and what
 * is fitted (how far the range reaches) is fitted without the program that is scored.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { estimateStackMemory, overheads, type StackMemory } from "../../src/plan/index.ts";
import { isScored, type ReadRow, type Row, readRows, settingOf } from "./rows.ts";

const path =
  process.env["TUNEWISE_MEMORY_ROWS"] ??
  fileURLToPath(new URL("../../../shared/data/measurements/memory.csv", import.meta.url));

interface Scored {
  readonly row: Row;
  readonly read: ReadRow;
  readonly memory: StackMemory;
  /** Bytes; `null`: the run did not fit. */
  readonly measured: number | null;
  readonly expected: number;
  readonly range: readonly [low: number, high: number];
}

const unitBytes: Readonly<Record<string, number>> = { GB: 1e9, MB: 1e6, GiB: 2 ** 30, MiB: 2 ** 20 };

function score(row: Row): Scored | null {
  const read = settingOf(row);
  if (read === null) return null;
  const memory = estimateStackMemory(read.setting);
  const { allocated, reserved, process } = memory;
  const scale = row["scope"] === "total" ? read.setting.devices : 1;
  // Of a statistic that is not named: torchtune prints the allocator's peak, the others are read off nvidia-smi.
  const isAllocated =
    row["statistic"] === "allocated" || (row["statistic"] !== "smi" && row["stack"] === "torchtune");
  const isNamed = row["statistic"] !== "unknown" && row["statistic"] !== "";
  const chosen = row["statistic"] === "reserved" ? reserved : isAllocated ? allocated : process;
  const unit = unitBytes[row["unit"] ?? ""] ?? 1e9;
  // A value printed as a whole number is right to half a unit.
  const rounding = /whole GB/.test(row["notes"] ?? "") ? unit / 2 : 0;
  const high = isNamed ? chosen.high : process.high;
  return {
    row,
    read,
    memory,
    measured: row["peak_value"] ? Number(row["peak_value"]) * unit : null,
    expected: scale * chosen.expected,
    range: [scale * allocated.low - rounding, scale * high + rounding],
  };
}

function error({ expected, measured }: Scored): number {
  return measured === null ? 0 : expected / measured - 1;
}

/** Points of measured over expected below and above which one row in twenty lies. */
function spreadOf(rows: readonly Scored[]): [low: number, high: number] {
  const ratios = rows.map((one) => 1 / (1 + error(one))).sort((a, b) => a - b);
  const at = (share: number): number => ratios[Math.round(share * (ratios.length - 1))] ?? 1;
  return [Math.min(1, at(0.05)), Math.max(1, at(0.95))];
}

function lineOf(one: Scored, isCovered: boolean): string {
  const { row, memory, measured, expected } = one;
  const gb = (value: number): string => (value / 1e9).toFixed(2).padStart(6);
  const terms = memory.peak.terms.map(({ name, bytes }) => `${name} ${(bytes / 1e9).toFixed(2)}`).join(", ");
  const outcome =
    measured === null
      ? "   did not fit"
      : `${gb(measured)} ${(100 * error(one)).toFixed(1).padStart(6)} %${isCovered ? " " : "!"}`;
  const what = `${row["model"]} ${row["method"]} ${row["micro_batch"] || 1}x${one.read.setting.length}`;
  const assumed = one.read.assumed.length > 0 ? `  [assumed: ${one.read.assumed.join("; ")}]` : "";
  const head = `${row["id"]?.padEnd(6)}${row["stack"]?.padEnd(22)}${what.padEnd(36)}`;
  return `${head}${gb(expected)} ${outcome}  ${memory.peak.name}: ${terms}${assumed}`;
}

function share(values: readonly boolean[]): number {
  return values.filter(Boolean).length / values.length;
}

test.skipIf(!existsSync(path))(
  "memory of published rows, each program scored with ranges fitted to the others",
  () => {
    const all = readRows(path)
      .filter(isScored)
      .map(score)
      .filter((one) => one !== null);
    const measured = all.filter((one) => one.measured !== null);
    const stacks = [...new Set(all.map(({ row }) => row["stack"] ?? ""))];
    const lines = [
      "id    program               set-up                              planned measured  error   at the peak, GB",
    ];
    const covered: boolean[] = [];
    for (const stack of stacks) {
      const [low, high] = spreadOf(measured.filter(({ row }) => row["stack"] !== stack));
      for (const one of all.filter(({ row }) => row["stack"] === stack)) {
        const [from, until] = [(one.range[0] * low) / overheads.low, (one.range[1] * high) / overheads.high];
        const isCovered = one.measured === null || (one.measured >= from && one.measured <= until);
        if (one.measured !== null) covered.push(isCovered);
        lines.push(lineOf(one, isCovered));
      }
    }
    const errors = measured.map((one) => Math.abs(error(one))).sort((a, b) => a - b);
    const median = errors[Math.floor(errors.length / 2)] ?? 0;
    const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
    const [low, high] = spreadOf(measured);
    lines.push(
      `${errors.length} rows: median error ${(100 * median).toFixed(1)} %, mean ${(100 * mean).toFixed(1)} %, ` +
        `${(100 * share(covered)).toFixed(0)} % inside the range; ` +
        `measured over planned from ${low.toFixed(3)} to ${high.toFixed(3)}`,
    );
    console.log(lines.join("\n"));
    expect(median).toBeLessThanOrEqual(0.05);
    expect(mean).toBeLessThanOrEqual(0.08);
    expect(share(covered)).toBeGreaterThanOrEqual(0.9);
    expect(overheads.low).toBeLessThanOrEqual(low + 0.02);
    expect(overheads.high).toBeGreaterThanOrEqual(high - 0.02);
  },
);

/** Memory that a card reports, by what a row calls it. */
const cardBytes: Readonly<Record<string, number>> = { "A100-40GB": 40 * 2 ** 30, T4: 14_912 * 2 ** 20 };

test.skipIf(!existsSync(path))("no run that did not fit is said to fit", () => {
  const failed = readRows(path)
    .filter((row) => /OOM:/.test(row["notes"] ?? ""))
    .map(score)
    .filter((one) => one !== null);
  for (const { row, memory } of failed) {
    expect(memory.process.high, row["id"]).toBeGreaterThan(cardBytes[row["gpu"] ?? ""] ?? 0);
  }
  expect(failed.length).toBeGreaterThan(0);
});
