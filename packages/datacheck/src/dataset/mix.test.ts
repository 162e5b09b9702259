/** @file Several sources of training rows: what a weight does, what is counted, and that held-out rows stay apart. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { MixedSource } from "./mix.ts";
import { readSplits, type SplitOptions, type SplitResult } from "./splits.ts";

const base: Omit<SplitOptions, "folder"> = {
  train: null,
  validation: null,
  test: null,
  split: { validation: 0, test: 0, seed: 17, by: "rows" },
  rows: { train: null, validation: null, test: null },
  format: "auto",
  columns: null,
  group: null,
  time: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "skip",
};

/** A folder with `a.jsonl` (12 rows), `b.csv` (4 rows) and `c/` (2 files of 1 row). */
async function folderOfSources(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-mix-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
  const line = (prompt: string): string => `{"prompt": "${prompt}", "completion": "c"}\n`;
  await writeFile(
    join(folder, "a.jsonl"),
    numbers(12)
      .map((at) => line(`a${at}`))
      .join(""),
  );
  await writeFile(
    join(folder, "b.csv"),
    `prompt,completion\n${numbers(4)
      .map((at) => `b${at},c\n`)
      .join("")}`,
  );
  await mkdir(join(folder, "c"));
  for (const name of ["1", "2"]) await writeFile(join(folder, "c", `${name}.jsonl`), line(`c${name}`));
  return folder;
}

async function mixed(mix: readonly MixedSource[], more: Partial<SplitOptions> = {}): Promise<SplitResult> {
  return readSplits({ ...base, folder: await folderOfSources(), mix, ...more });
}

const source = (file: string, weight: number | null, rows: number | null = null): MixedSource => ({
  file,
  weight,
  rows,
});

/** Rows of an epoch by the first letter of their prompt, and by the row. */
function epochOf({ splits, repeats }: SplitResult) {
  const bySource = new Map<string, number>();
  const byRow = new Map<string, number>();
  for (const [at, { messages }] of splits.train.entries()) {
    const prompt = messages[0]?.content ?? "";
    const count = repeats?.[at] ?? 1;
    bySource.set(prompt.slice(0, 1), (bySource.get(prompt.slice(0, 1)) ?? 0) + count);
    byRow.set(prompt, count);
  }
  return { bySource: Object.fromEntries(bySource), byRow };
}

test("without weights, an epoch has each row once", async () => {
  const read = await mixed([source("a.jsonl", null), source("b.csv", null), source("c/", null)]);
  expect(read.repeats).toBeNull();
  expect(epochOf(read).bySource).toEqual({ a: 12, b: 4, c: 2 });
  expect(read.read.train).toMatchObject({ rows: 18, usable: 18 });
  expect(read.read.train.files.map(({ shown, rows }) => `${shown} ${rows}`)).toEqual([
    "a.jsonl 12",
    "b.csv 4",
    "c/1.jsonl 1",
    "c/2.jsonl 1",
  ]);
});

test.each<[string, number, number, object]>([
  ["their sizes", 3, 1, { a: 12, b: 4 }],
  ["equal", 1, 1, { a: 8, b: 8 }],
  ["reversed", 1, 3, { a: 4, b: 12 }],
  ["with a remainder", 2, 1, { a: 11, b: 5 }],
])("weights that are %s: an epoch is as long as all rows together", async (_, a, b, expected) => {
  const read = await mixed([source("a.jsonl", a), source("b.csv", b)]);
  const { bySource, byRow } = epochOf(read);
  expect(bySource).toEqual(expected);
  for (const letter of ["a", "b"]) {
    const counts = [...byRow].filter(([prompt]) => prompt.startsWith(letter)).map(([, count]) => count);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test("the seed chooses rows, and the same seed the same rows", async () => {
  const mix = [source("a.jsonl", 1), source("b.csv", 1)];
  const chosen = async (seed: number) => {
    const { splits, fingerprint } = await mixed(mix, { split: { ...base.split, seed } });
    return { prompts: splits.train.map(({ messages }) => messages[0]?.content).join(), fingerprint };
  };
  expect(await chosen(1)).toEqual(await chosen(1));
  expect((await chosen(1)).prompts).not.toBe((await chosen(2)).prompts);
});

test("the fingerprint counts repeats", async () => {
  const fingerprint = async (weight: number) =>
    (await mixed([source("a.jsonl", 1, 3), source("b.csv", weight)])).fingerprint;
  expect(await fingerprint(3)).not.toBe(await fingerprint(4));
  expect(await fingerprint(3)).toBe(await fingerprint(3));
});

test("the limit of a source is applied first, that of the training rows is the length of an epoch", async () => {
  const read = await mixed([source("a.jsonl", 1, 6), source("b.csv", 1)], {
    rows: { train: 4, validation: null, test: null },
  });
  expect(epochOf(read).bySource).toEqual({ a: 2, b: 2 });
  expect(read.sources).toMatchObject([
    { read: 12, aboveLimit: 6, heldOut: 0, leftOut: 4, trained: 2, perEpoch: 2 },
    { read: 4, aboveLimit: 0, heldOut: 0, leftOut: 2, trained: 2, perEpoch: 2 },
  ]);
});

test("held-out rows are taken before weights: none is repeated or trained", async () => {
  const read = await mixed([source("a.jsonl", 1), source("b.csv", 9)], {
    split: { ...base.split, test: 0.25 },
  });
  const prompts = (rows: SplitResult["splits"]["test"]) => rows.map(({ messages }) => messages[0]?.content);
  const held = prompts(read.splits.test);
  expect(held).toHaveLength(4);
  expect(new Set([...held, ...prompts(read.splits.train)]).size).toBe(4 + read.splits.train.length);
  const epoch = epochOf(read).bySource;
  expect(Object.values(epoch).reduce((sum, count) => sum + count, 0)).toBe(12);
  for (const { read: all, unusable, aboveLimit, heldOut, leftOut, trained } of read.sources)
    expect(unusable + aboveLimit + heldOut + leftOut + trained).toBe(all);
});

test("a note for each source accounts for its rows", async () => {
  const folder = await folderOfSources();
  await writeFile(join(folder, "a.jsonl"), `{"prompt": "a", "completion": "c"}\nno\n`.repeat(3));
  const { findings } = await readSplits({
    ...base,
    folder,
    mix: [source("a.jsonl", 1), source("b.csv", 6)],
  });
  expect(findings.filter(({ code }) => code === "DATA_SOURCE_ROWS").map(({ detail }) => detail)).toEqual([
    "a.jsonl: 6 rows read: 1 for training, 3 unusable, 2 left out by its weight; 1 row of an epoch (14 %)",
    "b.csv: 4 rows read: 4 for training; 6 rows of an epoch (86 %)",
  ]);
});

test("a file in two sources, and a source without usable rows, are refused", async () => {
  await expect(mixed([source("c/", 1), source("c/2.jsonl", 1)])).rejects.toMatchObject({
    code: "DATA_MIX_OVERLAP",
    message: "c/2.jsonl belongs to two sources of data.mix: c/ and c/2.jsonl",
  });
  const folder = await folderOfSources();
  await writeFile(join(folder, "a.jsonl"), '{"prompt": "a", "completion": ""}\n');
  const mix = [source("b.csv", 1), source("a.jsonl", 1)];
  await expect(readSplits({ ...base, folder, mix })).rejects.toMatchObject({
    code: "DATA_SPLIT_EMPTY",
    message: "the train rows from a.jsonl are empty: 0 usable rows of 1",
  });
});
