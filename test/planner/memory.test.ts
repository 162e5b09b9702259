/** @file The planner's memory against published rows, printed row by row with the ranges that plans state. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { estimateStackMemory } from "../../src/plan/index.ts";
import { middle } from "./coverage.ts";
import { isScored, type ReadRow, type Row, readRows, settingOf } from "./rows.ts";
import { deviceOf, memoryRange, sourcedOf } from "./sources.ts";

const path =
  process.env["TUNEWISE_MEMORY_ROWS"] ??
  fileURLToPath(new URL("../../../shared/data/measurements/memory.csv", import.meta.url));

/** A row with what was planned; `measured` is `null` where the run did not fit. */
interface Scored {
  readonly row: Row;
  readonly read: ReadRow;
  readonly planned: ReturnType<typeof memoryRange>;
  readonly measured: number | null;
  readonly rounding: number;
}

function score(row: Row): Scored | null {
  const read = settingOf(row);
  if (read === null) return null;
  const { measured, rounding } = sourcedOf(row, read.setting);
  const planned = memoryRange(row, read.setting);
  return { row, read, planned, measured: row["peak_value"] ? measured : null, rounding };
}

function error({ planned, measured }: Scored): number {
  return measured === null ? 0 : planned.expected / measured - 1;
}

function isCovered({ planned, measured, rounding }: Scored): boolean {
  return measured === null || (measured + rounding >= planned.low && measured - rounding <= planned.high);
}

function lineOf(one: Scored): string {
  const { row, read, measured, planned } = one;
  const gb = (value: number): string => (value / 1e9).toFixed(2).padStart(6);
  const { peak } = estimateStackMemory(read.setting);
  const terms = peak.terms.map(({ name, bytes }) => `${name} ${(bytes / 1e9).toFixed(2)}`).join(", ");
  const outcome =
    measured === null
      ? "   did not fit"
      : `${gb(measured)} ${(100 * error(one)).toFixed(1).padStart(6)} %${isCovered(one) ? " " : "!"}`;
  const what = `${row["model"]} ${row["method"]} ${row["micro_batch"] || 1}x${read.setting.length}`;
  const assumed = read.assumed.length > 0 ? `  [assumed: ${read.assumed.join("; ")}]` : "";
  const head = `${row["id"]?.padEnd(6)}${row["stack"]?.padEnd(22)}${what.padEnd(36)}`;
  return `${head}${gb(planned.expected)} ${outcome}  ${peak.name}: ${terms}${assumed}`;
}

test.skipIf(!existsSync(path))("memory of published rows", () => {
  const all = readRows(path)
    .filter(isScored)
    .map(score)
    .filter((one) => one !== null);
  const measured = all.filter((one) => one.measured !== null);
  const errors = measured.map((one) => Math.abs(error(one)));
  const median = middle(errors);
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  const inside = measured.filter(isCovered).length / measured.length;
  const width = middle(measured.map(({ planned }) => planned.high / planned.low));
  console.log(
    [
      "id    program               set-up                              planned measured  error   at the peak, GB",
      ...all.map(lineOf),
      `${errors.length} rows: median error ${(100 * median).toFixed(1)} %, mean ${(100 * mean).toFixed(1)} %; ` +
        `${(100 * inside).toFixed(0)} % inside the range, whose high end is ${width.toFixed(2)} times its low end`,
    ].join("\n"),
  );
  // The rules were written beside these rows: these figures are of home. ranges.test.ts has those of sources left out.
  expect(median).toBeLessThanOrEqual(0.05);
  expect(mean).toBeLessThanOrEqual(0.08);
  expect(inside).toBeGreaterThanOrEqual(0.9);
});

/** Memory that a card reports, where it differs from the catalog's. */
const reportedBytes: Readonly<Record<string, number>> = { T4: 14_912 * 2 ** 20 };

test.skipIf(!existsSync(path))("no run that did not fit is said to fit", () => {
  const failed = readRows(path)
    .filter((row) => /OOM:/.test(row["notes"] ?? ""))
    .map(score)
    .filter((one) => one !== null);
  for (const { row, read } of failed) {
    const card = reportedBytes[row["gpu"] ?? ""] ?? deviceOf(row)?.memoryBytes.low ?? 0;
    expect(estimateStackMemory(read.setting).process.high, row["id"]).toBeGreaterThan(card);
  }
  expect(failed.length).toBeGreaterThan(0);
});
