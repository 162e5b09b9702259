/** @file Folders and patterns: data sets that `datasets` saved, layouts of hub repositories, and folders of files. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { divideFile } from "./read-block.ts";
import { readSource } from "./read-source.ts";
import { recognizeFile } from "./recognize/recognize.ts";
import { partOfName, patternOf, sourceFiles } from "./source-files.ts";
import { readSplits } from "./splits.ts";

const golden = fileURLToPath(new URL("../../../../test/conformance/golden/dataset/", import.meta.url));
const plain = readOptions;

async function folderWith(content: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-source-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(content)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const row = (prompt: string): string => `{"prompt": "${prompt}", "completion": "c"}\n`;

async function filesOf(folder: string, source: string): Promise<string[]> {
  return (await sourceFiles(join(folder, source), source)).map(({ shown }) => shown);
}

test("a saved data set: the parts are its folders, and each row has its file", async () => {
  const base = { ...plain, folder: golden, rows: { train: null, validation: null, test: null } };
  const { splits, findings } = await readSplits({
    ...base,
    train: "saved/train/",
    validation: "saved/validation/",
    test: "saved/test/",
    split: { validation: 0, test: 0, seed: 1, by: "rows" },
  });
  expect(splits.train.map(({ file, row }) => `${file}:${row}`)).toEqual([
    ...Array.from({ length: 6 }, (_, at) => `saved/train/data-00000-of-00002.arrow:${at + 1}`),
    ...Array.from({ length: 6 }, (_, at) => `saved/train/data-00001-of-00002.arrow:${at + 1}`),
  ]);
  expect([splits.validation.length, splits.test.length]).toEqual([3, 3]);
  expect(splits.train[7]?.messages[0]?.content).toBe("What is 7 and 7?");
  expect(findings.map(({ detail }) => detail)).toEqual(
    ["train", "validation", "test"].map(
      (part) =>
        `saved/${part}/ is read as ARROW rows of format prompt-completion (question -> answer), detected by its fields`,
    ),
  );
});

test("the layout of hub repositories: a pattern for the files of a part", async () => {
  const { examples } = await readSource(
    join(golden, "hub/data/train-*.parquet"),
    "hub/data/train-*.parquet",
    plain,
  );
  expect(examples).toHaveLength(12);
  expect(examples[11]).toMatchObject({ file: "hub/data/train-00001-of-00002.parquet", row: 6 });
  const { rows, isCut } = await recognizeFile(
    join(golden, "hub/data/train-*.parquet"),
    "hub/data/train-*.parquet",
  );
  expect([rows, isCut]).toEqual([12, false]);
});

test.each([
  [
    "saved/",
    "DATA_FOLDER_PARTS",
    "data: { train: saved/train/, validation: saved/validation/, test: saved/test/ }",
  ],
  [
    "hub/data/",
    "DATA_FOLDER_PARTS",
    "data: { test: hub/data/test-00000-of-00001.parquet, train: hub/data/train-*-of-00002.parquet }",
  ],
  ["hub/", "DATA_FOLDER_EMPTY", "Correct the folder"],
  ["hub/data/valid-*.parquet", "DATA_FOLDER_EMPTY", "Correct the folder"],
])("%s as one source is refused", async (source, code, fix) => {
  await expect(sourceFiles(join(golden, source), source)).rejects.toMatchObject({
    code,
    fix: expect.stringContaining(fix),
  });
});

test("a folder of files: descriptions, hidden files and folders do not count", async () => {
  const folder = await folderWith({
    "rows/b.jsonl": row("b"),
    "rows/a.csv": "prompt,completion\na,c\n",
    "rows/dataset_info.json": "{}",
    "rows/.c.jsonl": row("c"),
    "rows/deeper/d.jsonl": row("d"),
    "rows/notes.txt": "notes",
  });
  expect(await filesOf(folder, "rows/")).toEqual(["rows/a.csv", "rows/b.jsonl"]);
  expect(await filesOf(folder, "rows")).toEqual(["rows/a.csv", "rows/b.jsonl"]);
  const { examples, findings } = await readSource(join(folder, "rows"), "rows/", plain);
  expect(examples.map(({ messages }) => messages[0]?.content)).toEqual(["a", "b"]);
  expect(findings.map(({ code, where }) => [code, where])).toEqual([
    ["DATA_FORMAT_DETECTED", [{ file: "rows/" }]],
    ["DATA_FORMAT_DETECTED", [{ file: "rows/" }]],
  ]);
});

test("bad rows of several files are one finding with their places", async () => {
  const folder = await folderWith({
    "rows/a.jsonl": `${row("a")}no\n`,
    "rows/b.jsonl": `no\n${row("b")}no\n`,
  });
  const { findings } = await readSource(join(folder, "rows"), "rows/", plain);
  expect(findings.find(({ code }) => code === "DATA_JSON_INVALID")).toMatchObject({
    count: 3,
    where: [
      { file: "rows/a.jsonl", line: 2 },
      { file: "rows/b.jsonl", line: 1 },
      { file: "rows/b.jsonl", line: 3 },
    ],
  });
});

test("a missing file of a series is an error, never fewer rows in silence", async () => {
  const folder = await folderWith({
    "x-00000-of-00003.jsonl": row("a"),
    "x-00002-of-00003.jsonl": row("b"),
  });
  await expect(filesOf(folder, "x-*.jsonl")).rejects.toMatchObject({
    code: "DATA_FILE_NOT_FOUND",
    message: "x-00001-of-00003.jsonl does not exist",
  });
});

test("the files that a description lists, none outside of its folder", async () => {
  const folder = await folderWith({
    "d/state.json": JSON.stringify({
      _data_files: [{ filename: "two.jsonl" }, { filename: "../out.jsonl" }, { filename: "one.jsonl" }, {}],
    }),
    "d/one.jsonl": row("1"),
    "d/two.jsonl": row("2"),
    "d/three.jsonl": row("3"),
    "out.jsonl": row("out"),
  });
  expect(await filesOf(folder, "d/")).toEqual(["d/two.jsonl", "d/one.jsonl"]);
  await writeFile(join(folder, "d/state.json"), "{");
  await expect(filesOf(folder, "d/")).rejects.toMatchObject({ code: "DATA_FILE_UNREADABLE" });
});

test("a cluster reads single files", async () => {
  const folder = await folderWith({ "rows/a.jsonl": row("a"), "rows/b.jsonl": row("b") });
  await expect(divideFile(join(folder, "rows"), "rows/", plain, 100)).rejects.toMatchObject({
    code: "CHECK_NOT_ON_CLUSTER",
    message: expect.stringContaining("rows/ names 2 files"),
  });
  await symlink(join(folder, "rows/a.jsonl"), join(folder, "link.jsonl"));
  expect((await divideFile(join(folder, "link.jsonl"), "link.jsonl", plain, 100)).blocks).toHaveLength(1);
});

test.each([
  ["train-00000-of-00002.parquet", "train-*-of-00002.parquet", "train"],
  ["data-00000-of-00001.arrow", "data-00000-of-00001.arrow", null],
  ["valid.jsonl.gz", "valid.jsonl.gz", "validation"],
  ["train-eval.csv", "train-eval.csv", "train"],
  ["restrain.csv", "restrain.csv", null],
])("%s", (name, pattern, part) => {
  expect([patternOf(name), partOfName(name)]).toEqual([pattern, part]);
});
