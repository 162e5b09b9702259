/** @file Files over their limit are rejected before they are read. */

import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { MAX_LOADED_FILE_BYTES, MAX_PARQUET_FILE_BYTES, MAX_STREAMED_FILE_BYTES } from "./limits.ts";
import { readEntireFile } from "./open-file.ts";
import { readExamples } from "./read.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-open-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("readEntireFile holds to its limit", async () => {
  const path = join(folder, "a");
  await writeFile(path, "12345");
  expect((await readEntireFile(path, "a", 5)).toString()).toBe("12345");
  await expect(readEntireFile(path, "a", 4)).rejects.toThrow(
    "a has 5 bytes; the limit for this kind of file is 4",
  );
});

// Sparse files have a large size but occupy little disk space.
test.each([
  ["big.json", "[", MAX_LOADED_FILE_BYTES],
  ["big.jsonl", "{", MAX_STREAMED_FILE_BYTES],
  ["big.parquet", "PAR1", MAX_PARQUET_FILE_BYTES],
])("%s", async (name, start, limit) => {
  const path = join(folder, name);
  await writeFile(path, start);
  await truncate(path, limit + 1);
  const options = { ...readOptions, badRows: "error" } as const;
  await expect(readExamples(path, name, options)).rejects.toMatchObject({ code: "DATA_FILE_TOO_LARGE" });
  await rm(path);
});
