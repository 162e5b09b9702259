/** @file Benchmarks of any shape: the question is found by name, in a conversation, or as the longest text. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBenchmark } from "./benchmark-rows.ts";
import { readFileRows } from "./row-source.ts";

async function file(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-benchmark-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test("prompts by name, in conversations, and by length", async () => {
  const rows = [
    { task_id: "a/1", prompt: "def f():", canonical_solution: "return 1" },
    { question: "Why?", answer: "Because." },
    {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
      ],
    },
    { id: "7", body: "a long text that has no usual name" },
    { id: 8 },
    "no record",
  ];
  const path = await file("b.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  expect(await readBenchmark(path, "b.jsonl")).toEqual([
    { prompt: "def f():", answer: "return 1", file: "b.jsonl", row: 1, line: 1 },
    { prompt: "Why?", answer: "Because.", file: "b.jsonl", row: 2, line: 2 },
    { prompt: "Hi", answer: "", file: "b.jsonl", row: 3, line: 3 },
    { prompt: "a long text that has no usual name", answer: "", file: "b.jsonl", row: 4, line: 4 },
  ]);
});

test("file rows: lines of JSONL byte for byte, records of tables as JSON, and why a line has none", async () => {
  const jsonl = await file("a.jsonl", '{"n": 1.0, "big": 12345678901234567890}\n\nnot json\n');
  const table = await file("a.csv", "text,category\nhi,x\n");
  const all = async (path: string) => {
    const found: unknown[] = [];
    for await (const row of readFileRows(path, "a"))
      found.push("json" in row ? [row.at.line, row.json] : [row.at.line, null]);
    return found;
  };
  expect(await all(jsonl)).toEqual([
    [1, '{"n": 1.0, "big": 12345678901234567890}'],
    [3, null],
  ]);
  expect(await all(table)).toEqual([[2, '{"text":"hi","category":"x"}']]);
});
