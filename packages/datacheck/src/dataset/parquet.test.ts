/** @file Parquet files written by pyarrow (`test/conformance/golden/dataset/make.py`), intact and damaged. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mulberry32, randomBelow } from "@tunewise/core/math";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { readParquet } from "./parquet.ts";
import { readExamples } from "./read.ts";

const golden = fileURLToPath(new URL("../../../../test/conformance/golden/dataset/", import.meta.url));
const plain = readOptions;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-parquet-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(["snappy", "zstd", "gzip"])("messages in lists of structs, %s", async (codec) => {
  const { examples, findings } = await readExamples(
    join(golden, `chat-${codec}.parquet`),
    "chat.parquet",
    plain,
  );
  expect(examples).toHaveLength(38);
  expect(examples[0]).toEqual({
    messages: [
      { role: "user", content: "question 0 é😀" },
      { role: "assistant", content: "answer 0" },
    ],
    file: "chat.parquet",
    row: 1,
  });
  expect(examples.at(-1)?.row).toBe(40);
  expect(findings.map(({ code, where }) => [code, where[0]?.row])).toEqual([
    ["DATA_FORMAT_DETECTED", undefined],
    ["DATA_ANSWER_MISSING", 8],
    ["DATA_FIELD_MISSING", 12],
  ]);
});

test("columns of a table, whole numbers as labels", async () => {
  const { examples } = await readExamples(join(golden, "table.parquet"), "table.parquet", {
    ...plain,
    columns: { prompt: "text", completion: "label" },
    promptTemplate: "{prompt}/{extra}",
  });
  expect(examples).toHaveLength(30);
  expect(examples[3]?.messages).toEqual([
    { role: "user", content: "text 3/x" },
    { role: "assistant", content: "3" },
  ]);
});

test("a file cut anywhere is an error, never fewer rows in silence", async () => {
  const bytes = await readFile(join(golden, "chat-snappy.parquet"));
  const path = join(folder, "cut.parquet");
  for (let length = 0; length < bytes.length; length += 211) {
    await writeFile(path, bytes.subarray(0, length));
    await expect(readExamples(path, "cut.parquet", plain)).rejects.toMatchObject({
      code: "DATA_FILE_UNREADABLE",
    });
  }
});

test.each(["chat-snappy", "chat-gzip"])("changed bytes of %s: one sentence about the file", async (name) => {
  const bytes = await readFile(join(golden, `${name}.parquet`));
  const path = join(folder, "changed.parquet");
  const random = mulberry32(7);
  const reasons: string[] = [];
  for (let round = 0; round < 150; round++) {
    const changed = Buffer.from(bytes);
    for (let count = 0; count < 3; count++)
      changed[randomBelow(random, bytes.length)] = randomBelow(random, 256);
    await writeFile(path, changed);
    try {
      // a column that the decoder abandons would end the test with an unhandled rejection
      for await (const rows of readParquet(path, "changed.parquet")) expect(rows.length).toBeGreaterThan(0);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  expect(reasons.length).toBeGreaterThan(30);
  for (const reason of reasons) {
    expect(reason).toContain("changed.parquet cannot be read: not whole Parquet (");
    // terms of JavaScript itself, which mean nothing to the file's owner
    expect(reason).not.toMatch(/instance of|is not a function|of undefined|DataView|array length|BigInt/);
  }
});
