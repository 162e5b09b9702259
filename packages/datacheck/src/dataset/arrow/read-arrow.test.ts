/** @file Arrow files written by pyarrow (`test/conformance/golden/dataset/make.py`), intact, damaged and crafted. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mulberry32, randomBelow } from "@tunewise/core/math";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../../../test/support/read-options.ts";
import { readExamples } from "../read.ts";
import type { RawRow } from "../record.ts";
import { readFileRows } from "../row-source.ts";
import { readArrow } from "./read-arrow.ts";

const golden = fileURLToPath(new URL("../../../../../test/conformance/golden/dataset/", import.meta.url));
const plain = readOptions;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-arrow-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(path: string): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of readArrow(path, "rows.arrow")) rows.push(...batch);
  return rows;
}

test.each(["stream", "lz4", "zstd"])("%s: the rows of the Parquet file with the same table", async (name) => {
  const read = async (path: string) => {
    const { examples, findings } = await readExamples(join(golden, path), "rows", plain);
    return { examples, findings: findings.slice(1).map(({ code, where }) => ({ code, where })) };
  };
  const arrow = await read(`chat-${name}.arrow`);
  expect(arrow.examples).toHaveLength(38);
  expect(arrow).toEqual(await read("chat-snappy.parquet"));
});

test("values of each kind", async () => {
  const rows = await rowsOf(join(golden, "kinds.arrow"));
  expect(rows[0]).toEqual({
    at: { row: 1 },
    fields: {
      prompt: "a",
      completion: "x",
      large: "l0",
      view: "short",
      big: 2n ** 60n + 1n,
      half: 0.5,
      yes: true,
      day: new Date(0),
      when: new Date(0),
      list: [1, 2],
      texts: ["p", null],
      struct: { a: 1n, b: "z" },
      map: [["k", 1]],
      bytes: new Uint8Array([0, 1]),
      fixed: [1, 2],
      none: null,
    },
  });
  expect(rows[1]).toMatchObject({
    fields: {
      prompt: null,
      completion: "y",
      view: "a string of more than twelve bytes",
      day: new Date("2024-03-01"),
      when: new Date("2024-03-01T09:30:00Z"),
      list: [],
      struct: null,
    },
  });
  expect(rows[2]).toMatchObject({
    fields: { prompt: "ç😀", completion: "x", large: null, fixed: null, yes: null },
  });
});

test("records are copied as JSON", async () => {
  const copied: string[] = [];
  for await (const row of readFileRows(join(golden, "chat-stream.arrow"), "rows.arrow"))
    if ("json" in row) copied.push(row.json);
  expect(JSON.parse(copied[39] ?? "")).toEqual({
    messages: [
      { role: "user", content: "question 39 é😀" },
      { role: "assistant", content: "answer 39" },
    ],
    id: 39,
  });
});

test.each(["chat-stream", "chat-lz4"])(
  "%s cut anywhere is an error, never fewer rows in silence",
  async (name) => {
    const bytes = await readFile(join(golden, `${name}.arrow`));
    const path = join(folder, "cut.arrow");
    for (let length = 0; length < bytes.length; length += 97) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readExamples(path, "cut.arrow", plain)).rejects.toMatchObject({
        code: "DATA_FILE_UNREADABLE",
      });
    }
  },
);

test.each(["chat-stream", "chat-lz4", "chat-zstd", "kinds"])(
  "changed bytes of %s: one sentence",
  async (name) => {
    const bytes = await readFile(join(golden, `${name}.arrow`));
    const path = join(folder, "changed.arrow");
    const random = mulberry32(11);
    const reasons: string[] = [];
    for (let round = 0; round < 200; round++) {
      const changed = Buffer.from(bytes);
      for (let count = 0; count < 3; count++)
        changed[randomBelow(random, bytes.length)] = randomBelow(random, 256);
      await writeFile(path, changed);
      await rowsOf(path).catch((error: Error) => reasons.push(error.message));
    }
    expect(reasons.length).toBeGreaterThan(30);
    for (const reason of reasons) {
      expect(reason).toContain("rows.arrow cannot be read: not whole Arrow (");
      expect(reason).not.toMatch(/is not a function|of undefined|DataView|array length|BigInt|offset is out/);
    }
  },
);

describe("crafted files are refused before they fill the memory", () => {
  /** Changes the 32-bit number at the last occurrence of a run of numbers. */
  async function crafted(name: string, run: readonly number[], at: number, value: number): Promise<string> {
    const bytes = Buffer.from(await readFile(join(golden, `${name}.arrow`)));
    const found = bytes.indexOf(Buffer.from(Int32Array.from(run).buffer));
    expect(found).toBeGreaterThan(0);
    bytes.writeInt32LE(value, found + 4 * at);
    const path = join(folder, "crafted.arrow");
    await writeFile(path, bytes);
    return path;
  }

  test.each([
    ["offsets that overlap", "chat-stream", [0, 2, 4, 6, 8], 2, 1, "offsets are not in order"],
    ["offsets beyond the values", "kinds", [0, 2, 2, 2], 3, 2_000_000_000, "ends behind its bytes"],
    [
      "a dictionary beyond its bytes",
      "kinds",
      [0, 1, 2, 0, 0x7978],
      2,
      2_000_000_000,
      "ends behind its bytes",
    ],
  ] as const)("%s", async (_, name, run, at, value, reason) => {
    await expect(rowsOf(await crafted(name, run, at, value))).rejects.toMatchObject({
      code: "DATA_FILE_UNREADABLE",
      message: expect.stringContaining(reason),
    });
  });

  test("metadata, and a body, larger than the file", async () => {
    const path = join(folder, "long.arrow");
    const start = Buffer.alloc(64);
    start.writeInt32LE(-1, 0);
    start.writeInt32LE(2 ** 30, 4);
    await writeFile(path, start);
    await expect(rowsOf(path)).rejects.toThrow("a message claims 1073741824 bytes of metadata");
    start.writeInt32LE(2 ** 20, 4);
    await writeFile(path, start);
    await expect(rowsOf(path)).rejects.toThrow("a message is longer than the file");
  });
});
