/** @file Parts of a data set: files, shares, limits, fingerprint, empty parts. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shuffle } from "@tunewise/core/math";
import type { Example, Splits } from "@tunewise/core/rows";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { fingerprintSplits, readSplits, type SplitOptions } from "./splits.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-splits-"));
  await write("train.jsonl", 0, 100);
  await write("other.jsonl", 100, 110);
  await writeFile(join(folder, "bad.jsonl"), "oops\nno\n");
  await writeFile(join(folder, "empty.jsonl"), "");
});
afterAll(() => rm(folder, { recursive: true }));

function write(name: string, from: number, to: number): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, i) => `{"prompt":"p${from + i}","completion":"c"}\n`);
  return writeFile(join(folder, name), rows.join(""));
}

const base: SplitOptions = {
  format: "auto",
  columns: null,
  group: null,
  time: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "error",
  folder: "",
  train: "train.jsonl",
  validation: null,
  test: null,
  split: { validation: 0, test: 0, seed: 5, by: "rows" },
  rows: { train: null, validation: null, test: null },
};
const read = (options: Partial<SplitOptions>): ReturnType<typeof readSplits> =>
  readSplits({ ...base, folder, ...options });
const lines = (rows: readonly Example[]): number[] => rows.map(({ row }) => row);

describe("readSplits", () => {
  test("one file, no shares: file order, nothing else", async () => {
    const { splits } = await read({});
    expect(lines(splits.train)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect([splits.validation, splits.test]).toEqual([[], []]);
  });

  test("shares are taken by the documented shuffle", async () => {
    const { splits } = await read({ split: { validation: 0.1, test: 0.05, seed: 5, by: "rows" } });
    const order = shuffle([...Array(100).keys()], 5).map((index) => index + 1);
    const ascending = (part: number[]): number[] => part.sort((a, b) => a - b);
    expect(lines(splits.test)).toEqual(ascending(order.slice(0, 5)));
    expect(lines(splits.validation)).toEqual(ascending(order.slice(5, 15)));
    expect(lines(splits.train)).toEqual(ascending(order.slice(15)));
  });

  test("a share does not touch a part that has its own file", async () => {
    const { splits } = await read({
      test: "other.jsonl",
      split: { validation: 0.1, test: 0.5, seed: 5, by: "rows" },
    });
    expect([splits.train, splits.validation, splits.test].map(({ length }) => length)).toEqual([90, 10, 10]);
  });

  test("a limit keeps the first rows of the shuffle", async () => {
    const { splits } = await read({ test: "other.jsonl", rows: { train: 7, validation: null, test: 99 } });
    const order = shuffle([...Array(100).keys()], 5).map((index) => index + 1);
    expect(lines(splits.train)).toEqual(order.slice(0, 7));
    expect(lines(splits.test)).toHaveLength(10);
  });

  test.each<[string, Partial<SplitOptions>, string, RegExp]>([
    [
      "all of train unusable",
      { train: "bad.jsonl" },
      "DATA_SPLIT_EMPTY",
      /0 usable rows \(lines that are not json: 2\)/,
    ],
    [
      "all of train unusable, with what to do about the rows",
      { train: "bad.jsonl" },
      "DATA_SPLIT_EMPTY",
      /^fix: Write one JSON object per line: 2 rows cannot be parsed; first bad.jsonl:1/m,
    ],
    [
      "a share of less than a row, with a share that holds one",
      { split: { validation: 0.001, test: 0, seed: 1, by: "rows" } },
      "DATA_SPLIT_EMPTY",
      /^fix: Set data.split.validation to 0.01 or more/m,
    ],
    ["an empty file", { train: "empty.jsonl" }, "DATA_SPLIT_EMPTY", /the train rows from empty.jsonl/],
    ["an empty test file", { test: "empty.jsonl" }, "DATA_SPLIT_EMPTY", /the test rows from empty.jsonl/],
    [
      "a share of less than a row",
      { split: { validation: 0.001, test: 0, seed: 1, by: "rows" } },
      "DATA_SPLIT_EMPTY",
      /the validation rows from train.jsonl are empty: 100 usable rows/,
    ],
    [
      "shares of all",
      { split: { validation: 0.5, test: 0.5, seed: 1, by: "rows" } },
      "DATA_SPLIT_INVALID",
      /0.5/,
    ],
    [
      "a negative share",
      { split: { validation: -0.1, test: 0, seed: 1, by: "rows" } },
      "DATA_SPLIT_INVALID",
      /-0.1/,
    ],
  ])("%s", async (_, options, code, message) => {
    const failure = await read(options).catch((error: unknown) => error as TunewiseError);
    if (!TunewiseError.is(failure)) throw new Error("it was read");
    expect(failure.code).toBe(code);
    expect(`${failure.message}\nfix: ${failure.fix}`).toMatch(message);
  });
});

describe("fingerprintSplits", () => {
  const row = (content: string, file = "a", line = 1): Example => ({
    messages: [
      { role: "user", content: "q" },
      { role: "assistant", content },
    ],
    file,
    row: line,
    line,
  });
  const of = (train: Example[], test: Example[] = []): string =>
    fingerprintSplits({ train, validation: [], test });
  const known = of([row("1"), row("2")]);

  test("names its hash", () => {
    expect(known).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test.each<[string, string, boolean]>([
    ["another order", of([row("2"), row("1")]), true],
    ["other files and lines", of([row("1", "b", 9), row("2", "c", 8)]), true],
    ["another answer", of([row("1"), row("3")]), false],
    ["a row twice", of([row("1"), row("2"), row("2")]), false],
    ["a row less", of([row("1")]), false],
    ["a row in another part", of([row("1")], [row("2")]), false],
  ])("%s", (_, fingerprint, same) => {
    expect(fingerprint === known).toBe(same);
  });

  test("tools, calls, results and reasoning count", () => {
    const call = { name: "f", arguments: { a: 1 } };
    const plain = row("1");
    const [question, answer] = plain.messages as [Example["messages"][0], Example["messages"][0]];
    const rows: Example[] = [
      plain,
      { ...plain, tools: [{ type: "function", function: { name: "f" } }] },
      { ...plain, messages: [question, { ...answer, reasoning: "r" }] },
      { ...plain, messages: [question, { ...answer, toolCalls: [call] }] },
      { ...plain, messages: [question, { ...answer, toolCalls: [{ ...call, arguments: { a: 2 } }] }] },
      { ...plain, messages: [question, { role: "tool", content: "x" }, answer] },
      { ...plain, messages: [question, { role: "tool", content: "x", toolCallId: "1" }, answer] },
    ];
    expect(new Set(rows.map((one) => of([one]))).size).toBe(rows.length);
  });

  test("turns cannot be shifted between messages", () => {
    const turns = (...contents: string[]): Splits<Example> => ({
      train: [
        { messages: contents.map((content) => ({ role: "user", content })), file: "a", row: 1, line: 1 },
      ],
      validation: [],
      test: [],
    });
    expect(fingerprintSplits(turns("ab", "c"))).not.toBe(fingerprintSplits(turns("a", "bc")));
  });
});

describe("rows that belong together", () => {
  const rows = Array.from({ length: 60 }, (_, at) =>
    JSON.stringify({ prompt: `question ${at}`, completion: "c", customer: `c${at % 12}` }),
  ).join("\n");

  test.each(["group", "similarity"] as const)("stay on one side by %s", async (by) => {
    await writeFile(join(folder, "grouped.jsonl"), rows);
    const { splits } = await readSplits({
      ...base,
      folder,
      train: "grouped.jsonl",
      group: "customer",
      split: { validation: 0.2, test: 0.2, seed: 3, by },
      cluster: (examples) => Uint32Array.from(examples, ({ row }) => Math.floor(row / 7)),
    });
    const keyOf = ({ group, row }: Example): unknown => (by === "group" ? group : Math.floor(row / 7));
    const keys = [splits.train, splits.validation, splits.test].map((part) => new Set(part.map(keyOf)));
    const all = keys.flatMap((part) => [...part]);
    expect(new Set(all).size).toBe(all.length);
    expect(splits.train.length + splits.validation.length + splits.test.length).toBe(60);
    expect(Math.abs(splits.test.length - 12)).toBeLessThan(8);
  });

  test("by time, the latest users are tested", async () => {
    const dated = Array.from({ length: 20 }, (_, at) =>
      JSON.stringify({ prompt: `q ${at}`, completion: "c", user: `u${at >> 1}`, at: 1_700_000_000 + at }),
    );
    await writeFile(join(folder, "dated.jsonl"), dated.toReversed().join("\n"));
    const { splits } = await readSplits({
      ...base,
      folder,
      train: "dated.jsonl",
      group: "user",
      time: "at",
      split: { validation: 0.1, test: 0.2, seed: 3, by: "time" },
    });
    const users = (part: readonly Example[]): unknown[] => [...new Set(part.map(({ group }) => group))];
    expect(users(splits.test)).toEqual(["u9", "u8"]);
    expect(users(splits.validation)).toEqual(["u7"]);
    expect(splits.train).toHaveLength(14);
  });
});
