/** @file Data where a recipe is expected, and recipes that are not mistaken for data. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Runtime } from "../runtime/index.ts";
import { loadRecipe } from "./load-recipe.ts";

async function loaded(files: Readonly<Record<string, string>>, path: string) {
  const cwd = await mkdtemp(join(tmpdir(), "tunewise-data-"));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return loadRecipe(path, { cwd } as Runtime);
}

const row = '{"prompt": "a", "completion": "b"}\n';

test.each([
  ["a.jsonl", { "a.jsonl": row }, "a.jsonl is a data file (jsonl)", "tunewise init a.jsonl"],
  ["t.csv", { "t.csv": "text,label\na,b\n" }, "t.csv is a data file (csv)", "tunewise init t.csv"],
  ["r.parquet", { "r.parquet": "PAR1" }, "r.parquet is a data file (parquet)", "tunewise init r.parquet"],
  ["l.json", { "l.json": `[${row}]` }, "l.json is a data file (json)", "tunewise init l.json"],
  ["s.jsonl.gz", { "s.jsonl.gz": "\u001f" }, "s.jsonl.gz is a data file (jsonl)", "tunewise init s.jsonl.gz"],
  ["my rows.csv", { "my rows.csv": "a,b\n" }, "is a data file", 'tunewise init "my rows.csv"'],
  ["rows", { "rows/train.jsonl": row }, "rows is a folder of data files", "tunewise init rows"],
])("%s is data", async (path, files, message, fix) => {
  await expect(loaded(files as Record<string, string>, path)).rejects.toMatchObject({
    code: "RECIPE_IS_DATA",
    message: expect.stringContaining(message),
    fix,
  });
});

const recipe = '{"model": "a/b", "data": {"train": "a.jsonl"}}';

test.each([
  ["recipe.json", recipe],
  ["recipe.txt", "model: a/b\ndata:\n  train: a.jsonl\n"],
  ["tunewise.yaml", "model: a/b\ndata: { train: a.jsonl }\n"],
])("%s is a recipe", async (path, text) => {
  expect((await loaded({ [path]: text }, path)).recipe.model.source).toBe("a/b");
});

test("a missing data file is not found, and a YAML file of rows stays an invalid recipe", async () => {
  await expect(loaded({}, "a.jsonl")).rejects.toMatchObject({ code: "RECIPE_NOT_FOUND" });
  await expect(loaded({ "a.yaml": "- a\n" }, "a.yaml")).rejects.toMatchObject({ code: "RECIPE_INVALID" });
});
