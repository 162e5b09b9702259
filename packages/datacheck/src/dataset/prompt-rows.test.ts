import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { readPromptRows } from "./prompt-rows.ts";

async function read(...rows: readonly unknown[]): Promise<Awaited<ReturnType<typeof readPromptRows>>> {
  const path = join(await temporaryFolder(), "prompts.jsonl");
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  await writeFile(path, `${lines.join("\n")}\n`);
  return readPromptRows(path, "prompts.jsonl", 100);
}

const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
const call = { id: "c", type: "function", function: { name: "f", arguments: '{"a":1}' } };

test("prompts are conversations or texts, and an answer at the end is the reference", async () => {
  const { rows, findings } = await read(
    { messages: [{ role: "user", content: "a" }], tools },
    {
      messages: [
        { role: "user", content: "b" },
        { role: "assistant", content: null, tool_calls: [call] },
      ],
    },
    { prompt: "c", answer: "ignored" },
    { system: "s", messages: [{ role: "user", content: "d" }] },
  );
  expect(findings).toEqual([]);
  expect(rows).toEqual([
    { at: { row: 1, line: 1 }, messages: [{ role: "user", content: "a" }], tools, reference: null },
    {
      at: { row: 2, line: 2 },
      messages: [{ role: "user", content: "b" }],
      reference: { content: "", toolCalls: [{ id: "c", name: "f", arguments: { a: 1 } }] },
    },
    { at: { row: 3, line: 3 }, messages: [{ role: "user", content: "c" }], reference: null },
    {
      at: { row: 4, line: 4 },
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "d" },
      ],
      reference: null,
    },
  ]);
});

test("rows without a prompt are reported, and the others are used", async () => {
  const { rows, findings } = await read(
    { messages: [{ role: "assistant", content: "only an answer" }] },
    { prompt: " " },
    { other: 1 },
    "no JSON",
    { prompt: "fine" },
  );
  expect(rows.map(({ messages }) => messages[0]?.content)).toEqual(["fine"]);
  expect(findings.map(({ code, severity, count }) => [code, severity, count])).toEqual([
    ["DATA_PROMPT_EMPTY", "warning", 2],
    ["DATA_FIELD_MISSING", "warning", 1],
    ["DATA_JSON_INVALID", "warning", 1],
  ]);
});

test("no more rows are read than requested", async () => {
  const path = join(await temporaryFolder(), "prompts.jsonl");
  await writeFile(path, '{"prompt":"a"}\n'.repeat(9));
  expect((await readPromptRows(path, "prompts.jsonl", 4)).rows).toHaveLength(4);
});
