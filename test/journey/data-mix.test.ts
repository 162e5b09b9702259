/** @file Training rows from a JSONL file and a folder that `datasets` saved, by weight: init, check, run, its record. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

let folder = "";
beforeAll(() => {
  const mix = "mix: [{ file: own.jsonl, weight: 1 }, { file: saved/train/, weight: 2, rows: 6 }]";
  folder = project(
    "mix",
    recipe()
      .replace("train: train.jsonl", mix)
      .replace("validation: validation.jsonl", "split: { validation: 0 }")
      .replace("test: test.jsonl", "test: saved/test/")
      .replace("kind: json, metrics: [json_valid, json_match, perplexity]", "kind: text")
      .replace(", evaluate_every: 4", ""),
  );
  cpSync(resolve("test/conformance/golden/dataset/saved"), join(folder, "saved"), { recursive: true });
  const rows = Array.from({ length: 9 }, (_, at) =>
    JSON.stringify({ prompt: `own ${at}`, completion: "yes" }),
  );
  writeFileSync(join(folder, "own.jsonl"), rows.join("\n"));
});

test("init takes the parts of a saved data set", () => {
  expect(tunewise(folder, "init", "saved", "-o", "saved.yaml").code).toBe(0);
  const written = readFileSync(join(folder, "saved.yaml"), "utf8");
  expect(written).toMatch(/^ {2}train: saved\/train\/$/m);
  expect(written).toMatch(/^ {2}test: saved\/test\/$/m);
});

test("check, plan and the report of the run account for the rows of each source", () => {
  const own = "own.jsonl: 9 rows read: 5 for training, 4 left out by its weight; 5 rows of an epoch (33 %)";
  const saved = "saved/train/: 12 rows read: 6 for training, 6 above its limit; 10 rows of an epoch (67 %)";
  const asLine = (text: string): string => text.replace(/\s+/g, " ");
  const check = asLine(tunewise(folder, "check").out);
  for (const text of [own, saved]) expect(check).toContain(text);
  const plan = asLine(tunewise(folder, "plan").out);
  for (const text of ["15 training, 0 validation, 3 test rows", own, saved]) expect(plan).toContain(text);
  const { code, out, err } = tunewise(folder, "run", "--yes", "--json");
  expect([code, err], out.slice(-2000)).toEqual([0, ""]);
  const report = asLine(readFileSync(join(runFolder(folder), "report.md"), "utf8"));
  for (const text of ["saved/train/: 12 rows read", "own.jsonl: 9 rows read"]) expect(report).toContain(text);
});
