/** @file Text that is compressed as a whole, files whose names do not fit their content, and archives that never end. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { detectContainer } from "./detect.ts";
import { readExamples } from "./read.ts";
import { divideFile } from "./read-block.ts";
import { readFileRows } from "./row-source.ts";

const golden = fileURLToPath(new URL("../../../../test/conformance/golden/dataset/", import.meta.url));
const plain = readOptions;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-unpack-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const lines = Array.from({ length: 50 }, (_, at) => `{"prompt": "q ${at} é", "completion": "a ${at}"}`).join(
  "\n",
);
const table = `prompt;completion\n${"eins;zwei\n".repeat(9)}`;
const list = `[${lines.replaceAll("\n", ",\n")}]`;

describe("gzip", () => {
  test.each([
    ["rows.jsonl.gz", lines, 50, "JSONL, gzip"],
    ["rows.json.gz", list, 50, "JSON, gzip"],
    ["rows.csv.gz", table, 9, "table, gzip"],
    ["rows", lines, 50, "JSONL, gzip"],
  ])("%s", async (name, text, rows, kind) => {
    const path = await written(name, gzipSync(text));
    const { examples, findings } = await readExamples(path, name, plain);
    expect(examples).toHaveLength(rows);
    expect(findings[0]?.detail).toContain(`${name} is read as ${kind} rows`);
    const whole = await readExamples(await written(`plain-${name.replace(".gz", "")}`, text), name, plain);
    expect(examples).toEqual(whole.examples);
  });

  test("two members, and lines that are copied byte for byte", async () => {
    const two = Buffer.concat([gzipSync(`${lines}\n`), gzipSync(lines)]);
    const path = await written("two.jsonl.gz", two);
    const copied: string[] = [];
    for await (const row of readFileRows(path, "two")) if ("json" in row) copied.push(row.json);
    expect(copied.join("\n")).toBe(`${lines}\n${lines}`);
  });

  test("a truncated file is an error", async () => {
    const bytes = gzipSync(lines.repeat(20));
    for (const length of [bytes.length - 1, bytes.length - 9, 40]) {
      const path = await written("cut.jsonl.gz", bytes.subarray(0, length));
      await expect(readExamples(path, "cut", plain)).rejects.toThrow("it is not a whole gzip file (");
    }
  });

  test("a file that expands without end is refused, and its line is never held", async () => {
    const path = await written("bomb.jsonl.gz", gzipSync(Buffer.alloc(2 ** 27, 0x61), { level: 9 }));
    const { examples, findings } = await readExamples(path, "bomb", plain).catch((error: Error) => {
      expect(error.message).toContain("expand to more than");
      return { examples: [], findings: [] };
    });
    expect(examples).toEqual([]);
    expect(findings.map(({ code }) => code)).not.toContain("DATA_FORMAT_DETECTED");
  });

  test("Parquet inside is not read", async () => {
    const path = await written("x.parquet.gz", gzipSync(await readFile(join(golden, "table.parquet"))));
    await expect(readExamples(path, "x", plain)).rejects.toMatchObject({
      code: "DATA_FILE_KIND",
      message: "x is Parquet compressed with gzip, which only text may be; rows cannot be read from it",
    });
  });

  test("parts of a file are only read from uncompressed lines", async () => {
    const path = await written("part.jsonl.gz", gzipSync(lines));
    await expect(divideFile(path, "part", plain, 100)).rejects.toThrow(
      "part is JSONL in gzip; only JSONL in UTF-8",
    );
  });
});

describe("Zstandard", () => {
  const path = join(golden, "chat.jsonl.zst");

  test("two frames", async () => {
    const { examples } = await readExamples(path, "chat", plain);
    const { examples: same } = await readExamples(join(golden, "chat-snappy.parquet"), "chat", plain);
    expect(examples.map(({ messages }) => messages)).toEqual(same.map(({ messages }) => messages));
  });

  test("a truncated file is an error", async () => {
    const bytes = await readFile(path);
    for (let length = 5; length < bytes.length; length += 37) {
      const cut = await written("cut.zst", bytes.subarray(0, length));
      const read = readExamples(cut, "cut", plain);
      // the first frame alone is whole
      await read.then(
        ({ examples }) => expect(examples.length).toBe(18),
        (error: Error) => expect(error.message).toContain("it is not a whole Zstandard file ("),
      );
    }
  });

  const magic = [0x28, 0xb5, 0x2f, 0xfd];

  test.each<[string, readonly number[], string]>([
    ["a window of terabytes", [0, 0xf8], "claims a window of"],
    ["a single segment of gigabytes", [0xa0, 0, 0, 0, 0xf0], "claims a window of 4026531840 bytes"],
    ["bytes behind the frame", [0x20, 1, 0x09, 0, 0, 0x61, 1, 2, 3, 4], "bytes that are not a frame"],
  ])("%s", async (_, header, reason) => {
    const path = await written("hostile.zst", Uint8Array.from([...magic, ...header, ...Array(32).fill(0)]));
    await expect(readExamples(path, "hostile", plain)).rejects.toThrow(reason);
  });

  test("a byte that is repeated without end", async () => {
    const repeat = [0x02, 0x00, 0x10, 0x61]; // 128 KiB of a, not the last block
    const blocks = Array.from({ length: 5_000 }, () => repeat).flat();
    const path = await written("bomb.zst", Uint8Array.from([...magic, 0, 0x38, ...blocks]));
    await expect(readExamples(path, "bomb", plain)).rejects.toThrow("expand to more than");
  });

  test("a million empty blocks in a large window", async () => {
    const blocks = new Uint8Array(3 * 1_000_000);
    const path = await written("slow.zst", Buffer.concat([Buffer.from([...magic, 0, 0x88]), blocks]));
    const started = performance.now();
    await expect(readExamples(path, "slow", plain)).rejects.toThrow("its blocks are too small");
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

test.each<[string, string, string]>([
  ["lines.csv", lines, "jsonl"],
  ["list.tsv", list, "json"],
  ["table.json", table, "table"],
  ["table.jsonl", table, "table"],
  ["quoted.csv", '"{a",b\n1,2\n', "table"],
  ["broken.jsonl", "oops\nnot json either\n", "jsonl"],
  ["numbers.jsonl", "1\n2\n3\n", "jsonl"],
  ["unnamed", table, "table"],
])("the content decides: %s", async (name, text, kind) => {
  expect((await detectContainer(await written(name, text), name)).kind).toBe(kind);
});

test.each([
  ["chat-stream.arrow", "arrow"],
  ["chat-lz4.arrow", "arrow"],
  ["table.parquet", "parquet"],
  ["shared.xlsx", "xlsx"],
])("the content decides: %s named .csv", async (name, kind) => {
  const path = await written("other.csv", await readFile(join(golden, name)));
  expect((await detectContainer(path, "other.csv")).kind).toBe(kind);
});
