/** @file Recipes take the files of every format that the readers support. */

import { dataEndings } from "@tunewise/core/format";
import { expect, test } from "vitest";
import { readRecipe } from "./index.ts";

const usual = { train: "a.jsonl", reference: "a.jsonl", benchmarks: "a.jsonl" };

function codesOf(changes: Partial<typeof usual>): string[] {
  const { train, reference, benchmarks } = { ...usual, ...changes };
  const text = [
    "model: a/b",
    `data: { train: ${train} }`,
    `regularization: { method: replay, reference: ${reference} }`,
    `checks: { benchmarks: [${benchmarks}] }`,
  ].join("\n");
  return readRecipe(text, "t.yaml", "t").problems.map(({ code }) => code);
}

test.each(Object.keys(usual))("%s takes every format of the table, and nothing else", (key) => {
  for (const ending of dataEndings.flatMap((one) => [one, one.toUpperCase()])) {
    expect([ending, codesOf({ [key]: `rows.${ending}` })]).toEqual([ending, []]);
  }
  expect(codesOf({ [key]: "rows.yaml" })).toHaveLength(1);
  expect(codesOf({ [key]: "rows.jsonl.gz" })).toEqual([]);
  expect(codesOf({ [key]: "rows.parquet.gz" })).toHaveLength(1);
});
