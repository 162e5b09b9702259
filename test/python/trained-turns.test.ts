/** With `train_on: all`, the loss mask of a conversation equals the assistant mask of Python's `transformers`. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Message } from "@tunewise/core/rows";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { encodeExamples } from "../../packages/tunewise/src/encode/index.ts";

const python = process.env["TUNEWISE_PYTHON"];

const turns = (...contents: readonly string[]): Message[] =>
  contents.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content }));

const conversations: Message[][] = [
  turns("Hi", "first answer", "And?", "ok 7"),
  turns(
    "What is 17 + 25?",
    "42",
    "Why?",
    "Because the question was long, the answer is 42.",
    "So?",
    "Größe 😀",
  ),
  [
    { role: "system", content: "Be short." },
    ...turns("a", "Line one\nLine two", "b", "def f():\n    return 1"),
  ],
  turns("  leading and trailing  ", "word", "1234567890 3.14159", "你好，世界", "emoji 👩‍👩‍👧‍👦", "x"),
];

test.skipIf(!python).each([["smollm"], ["mistral"], ["llama3"]])("%s", (name) => {
  const path = resolve("test/conformance/golden/tokenizer", `${name}.json`);
  const { tokenizer: json, config } = JSON.parse(readFileSync(path, "utf8"));
  const tokenizer = createTokenizer({ tokenizer: json, config, chatTemplate: null, endIds: [] });
  const rows =
    name === "mistral" ? conversations.filter(([first]) => first?.role !== "system") : conversations;
  const program = spawnSync(String(python), [resolve("test/python/models/assistant_masks.py"), path], {
    input: JSON.stringify(rows),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(program.status, program.stderr).toBe(0);
  const expected: { ids: number[]; mask: number[] }[] = JSON.parse(program.stdout);
  for (const [at, messages] of rows.entries()) {
    const row = { messages, file: "rows.jsonl", row: at + 1, line: at + 1 };
    const { rows: encoded, statistics } = encodeExamples([row], tokenizer, {
      maxLength: 10_000,
      overflow: "error",
      loss: "completion",
      trainOn: "all",
      reasoning: "train",
    });
    expect([...(encoded[0]?.ids ?? [])]).toEqual(expected[at]?.ids);
    expect([...(encoded[0]?.labelled ?? [])]).toEqual(expected[at]?.mask);
    expect(statistics.turns.trained).toBe(messages.filter(({ role }) => role === "assistant").length);
  }
});
