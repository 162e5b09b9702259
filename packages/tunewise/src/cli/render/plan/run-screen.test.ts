/** @file The findings of a plan on the screen: one line per code, and one per source of `data.mix`. */
import { expect, test } from "vitest";
import { findingOf } from "../../../problem/index.ts";
import { paint } from "../paint.ts";
import { countedFindings } from "./run-screen.ts";

const shown = { paint: paint(false), columns: 100 };

test("notes are left out, except those that account for the rows of a source", () => {
  const source = (file: string) =>
    findingOf(
      "DATA_SOURCE_ROWS",
      "note",
      { file, rows: "9 rows", parts: "9 for training", epoch: "9 rows", share: 50 },
      [{ file }],
      9,
    );
  const other = findingOf("DATA_PAD_IS_END", "note", { id: 0 }, [], 1);
  const text = countedFindings([source("a.jsonl"), other, source("b/")], "", shown);
  expect(text.split("\n")).toEqual([
    "note DATA_SOURCE_ROWS: a.jsonl: 9 rows read: 9 for training; 9 rows of an epoch (50 %)",
    "note DATA_SOURCE_ROWS: b/: 9 rows read: 9 for training; 9 rows of an epoch (50 %)",
    "tunewise check shows the rows with their fixes",
  ]);
  expect(countedFindings([other], "", shown)).toBe("");
});
