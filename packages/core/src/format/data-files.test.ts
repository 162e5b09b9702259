/** @file One table of data file formats, from which every list of file extensions is derived. */
import { expect, test } from "vitest";
import {
  dataEndings,
  dataEndingsText,
  dataFormatOf,
  escapedDataEndings,
  foundEndings,
  isFoundAsData,
  rowsIn,
} from "./data-files.ts";

test.each([
  ["rows.jsonl", "jsonl"],
  ["rows.NDJSON", "jsonl"],
  ["a.b/rows.json", "json"],
  ["rows.csv", "csv"],
  ["rows.tab", "tsv"],
  ["rows.parquet", "parquet"],
  ["notes.txt", "text"],
  ["rows.jsonl.gz", "jsonl"],
  ["rows.CSV.ZST", "csv"],
  ["rows.arrow", "arrow"],
  ["sheet.xlsx", "xlsx"],
  ["rows.parquet.gz", null],
  ["rows.gz", null],
  ["folder.csv/rows.gz", null],
  ["jsonl", null],
  ["folder.csv/rows", null],
])("the format of %s is %s", (path, format) => {
  expect(dataFormatOf(path)).toBe(format);
});

test.each([
  ["a.jsonl", "lines"],
  ["a.csv", "lines-below-names"],
  ["a.csv.gz", "whole"],
  ["a.xlsx", "whole"],
  ["a.yaml", "whole"],
])("rows of %s: %s", (path, rows) => {
  expect(rowsIn(path)).toBe(rows);
});

test("lists of endings agree with the format of a file", () => {
  for (const ending of dataEndings) {
    expect(dataFormatOf(`rows.${ending}`)).not.toBe(null);
    expect(foundEndings.includes(`.${ending}`)).toBe(isFoundAsData(`rows.${ending}`));
    expect(dataEndingsText).toContain(`.${ending}`);
  }
  expect(dataEndingsText).toBe(
    ".parquet, .arrow, .feather, .jsonl, .ndjson, .csv, .tsv, .tab, .json, .xlsx, .txt or .md (text also .gz or .zst)",
  );
  const pattern = new RegExp(`^rows\\.(?:${escapedDataEndings})$`);
  for (const ending of ["jsonl.gz", "CSV.ZST", "txt.gz", "arrow"]) expect(`rows.${ending}`).toMatch(pattern);
  for (const ending of ["gz", "arrow.gz", "jsonlxgz"]) expect(`rows.${ending}`).not.toMatch(pattern);
});
