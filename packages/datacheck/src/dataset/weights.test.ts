/** @file Message weights read from files: truncated rows, rejected weights, and the fingerprint. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { type ReadResult, readExamples } from "./read.ts";
import { fingerprintSplits } from "./splits.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-weights-"));
});
afterAll(() => rm(folder, { recursive: true }));

const options = { ...readOptions, badRows: "error" } as const;

/** A conversation: `a` is a turn of the assistant, with its weight. */
function line(...turns: readonly (readonly [role: "u" | "a", content: string, weight?: unknown])[]): string {
  const messages = turns.map(([role, content, weight]) => ({
    role: role === "u" ? "user" : "assistant",
    content,
    ...(weight === undefined ? {} : { weight }),
  }));
  return JSON.stringify({ messages });
}

async function read(...lines: readonly string[]): Promise<ReadResult> {
  const path = join(folder, "rows.jsonl");
  await writeFile(path, lines.join("\n"));
  return readExamples(path, "rows.jsonl", options);
}

const good = line(["u", "p"], ["a", "c"]);

test("a row ends with its last answer that counts; later turns of weight 0 are counted", async () => {
  const { examples } = await read(
    line(
      ["u", "Hi"],
      ["a", "long answer", 1],
      ["u", "And?"],
      ["a", "ok 7", 0],
      ["u", "So?"],
      ["a", "ok 8", 0],
    ),
    line(["u", "Hi"], ["a", "context", 0], ["u", "And?"], ["a", "ok 7"]),
    good,
  );
  expect(examples.map(({ messages, turnsBehind = 0 }) => [messages.at(-1)?.content, turnsBehind])).toEqual([
    ["long answer", 2],
    ["ok 7", 0],
    ["c", 0],
  ]);
  expect(examples[1]?.messages.map(({ weight }) => weight)).toEqual([undefined, 0, undefined, undefined]);
});

test.each([
  ["no turn counts", line(["u", "Hi"], ["a", "x", 0]), "DATA_NOTHING_TRAINED", "none of its 2 messages"],
  [
    "a weight between",
    line(["u", "Hi"], ["a", "x", 0.5]),
    "DATA_WEIGHT_INVALID",
    "messages[1].weight is 0.5",
  ],
  [
    "a weight as text",
    line(["u", "Hi"], ["a", "x", "0"]),
    "DATA_WEIGHT_INVALID",
    'weight is "0", not 0 or 1',
  ],
  [
    "the counting answer is empty",
    line(["u", "Hi"], ["a", ""], ["u", "b"], ["a", "x", 0]),
    "DATA_ANSWER_EMPTY",
    "",
  ],
])("%s: the row is a finding with its number, and is not kept", async (_, bad, code, reason) => {
  const { examples, findings } = await read(good, bad, good);
  expect(examples).toHaveLength(2);
  const finding = findings.find((one) => one.code === code);
  expect(finding).toMatchObject({ severity: "error", count: 1, where: [{ row: 2, line: 2 }] });
  expect(finding?.detail).toContain(reason);
});

test("weights of other roles, null and 1 change nothing", async () => {
  const { examples } = await read(
    line(["u", "p", 0], ["a", "c", null]),
    line(["u", "p"], ["a", "c", 1]),
    good,
  );
  expect(new Set(examples.map(({ messages }) => JSON.stringify(messages))).size).toBe(1);
});

test("a weight changes the fingerprint of the rows", async () => {
  const [plain, weighted] = (
    await read(
      line(["u", "a"], ["a", "b"], ["u", "c"], ["a", "d"]),
      line(["u", "a"], ["a", "b", 0], ["u", "c"], ["a", "d"]),
    )
  ).examples.map((row) => fingerprintSplits({ train: [row], validation: [], test: [] }));
  expect(plain).not.toBe(weighted);
});
