/** @file One table of data file formats, from which every list of file extensions is derived. */
import { expect, test } from "vitest";
import { dataEndings, dataEndingsText, dataFormatOf, foundEndings, isFoundAsData } from "./data-files.ts";

test.each([
  ["rows.jsonl", "jsonl"],
  ["rows.NDJSON", "jsonl"],
  ["a.b/rows.json", "json"],
  ["rows.csv", "csv"],
  ["rows.tab", "tsv"],
  ["rows.parquet", "parquet"],
  ["notes.txt", "text"],
  ["rows.jsonl.gz", null],
  ["jsonl", null],
  ["folder.csv/rows", null],
])("the format of %s is %s", (path, format) => {
  expect(dataFormatOf(path)).toBe(format);
});

test("lists of endings agree with the format of a file", () => {
  for (const ending of dataEndings) {
    expect(dataFormatOf(`rows.${ending}`)).not.toBe(null);
    expect(foundEndings.includes(`.${ending}`)).toBe(isFoundAsData(`rows.${ending}`));
    expect(dataEndingsText).toContain(`.${ending}`);
  }
  expect(dataEndingsText).toBe(".parquet, .jsonl, .ndjson, .csv, .tsv, .tab, .json or .txt");
});
