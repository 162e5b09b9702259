/** @file Published runs that ran out of memory. */
import { expect, test } from "vitest";
import { estimateStackMemory } from "../../packages/tunewise/src/plan/index.ts";
import { readRows, settingOf } from "./rows.ts";
import { deviceOf, hasRows, rowsFolder } from "./sources.ts";

/** Memory that a GPU reports, if it differs from the catalog. */
const reportedBytes: Readonly<Record<string, number>> = { T4: 14_912 * 2 ** 20 };

test.skipIf(!hasRows)("no run that did not fit is said to fit", () => {
  const failed = ["memory", "memory-2", "memory-3"]
    .flatMap((name) => readRows(`${rowsFolder}${name}.csv`))
    .filter((row) => /OOM:/.test(row["notes"] ?? ""));
  for (const row of failed) {
    const setting = settingOf(row)?.setting;
    if (!setting) throw new Error(`${row["id"]} has no set-up`);
    const card = reportedBytes[row["gpu"] ?? ""] ?? deviceOf(row)?.memoryBytes.low ?? 0;
    expect(estimateStackMemory(setting, card).process.high, row["id"]).toBeGreaterThan(card);
  }
  expect(failed.length).toBeGreaterThan(4);
});
