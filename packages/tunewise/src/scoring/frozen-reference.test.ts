import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seconds, tokens, type Usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { questionKey } from "./answers-file.ts";
import {
  type FrozenAnswer,
  type FrozenHeader,
  readFrozenReference,
  writeFrozenReference,
} from "./frozen-reference.ts";

const about: Omit<FrozenHeader, "answers" | "sha256"> = {
  model: "ft:gpt-4o-mini-2024-07-18:org::abc",
  endpoint: "https://api.openai.com/v1",
  style: "openai",
  createdAt: "2026-12-03T12:00:00.000Z",
  parameters: { maxTokens: 64, temperature: 0, topP: null, seed: 17 },
  leftOut: ["seed"],
  price: { input: 0.3, cachedInput: 0.15, output: 1.2, source: "a list, 2026-11-25" },
  missing: 2,
};

function answerTo(text: string, more: Partial<FrozenAnswer> = {}): FrozenAnswer {
  const messages = [{ role: "user" as const, content: text }];
  return {
    key: questionKey({ messages }),
    source: "test",
    row: 1,
    messages,
    tools: [],
    reference: null,
    answer: { content: `to ${text}` },
    finish: "stop",
    promptTokens: tokens(9),
    cachedPromptTokens: tokens(0),
    answerTokens: tokens(3),
    usage: "reported",
    logprobs: null,
    seconds: seconds(0.75),
    cost: 12 as Usd,
    model: "ft:gpt-4o-mini-2024-07-18:org::abc",
    askedAt: "2026-12-03T11:59:00.000Z",
    isMasked: false,
    ...more,
  };
}

const call = { id: "c1", name: "lookup", arguments: { city: "Graz\u2028", n: 1 } };
const withCalls = answerTo("weather?", {
  source: "logs",
  row: 7,
  messages: [
    { role: "user", content: "weather?" },
    { role: "assistant", content: "", toolCalls: [call, { name: "odd", arguments: "no JSON" }] },
    { role: "tool", content: "sunny", toolCallId: "c1", name: "lookup" },
  ],
  tools: [{ type: "function", function: { name: "lookup", parameters: { type: "object" } } }],
  reference: { content: "It is sunny." },
  answer: { content: "", toolCalls: [call] },
  logprobs: { tokens: ["It", " is"], values: [-0.5, 0] },
  finish: "length",
  usage: "estimated",
  isMasked: true,
});

async function written(answers: readonly FrozenAnswer[]): Promise<string> {
  const path = join(await temporaryFolder(), "frozen.jsonl");
  await writeFrozenReference(path, about, answers);
  return path;
}

test("what is written is read back", async () => {
  const path = join(await temporaryFolder(), "frozen.jsonl");
  const all = [answerTo("a"), withCalls];
  const header = await writeFrozenReference(path, about, all);
  const read = await readFrozenReference(path);
  expect(read.header).toEqual(header);
  expect(header).toEqual({ ...about, answers: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect([...read.answers.values()]).toEqual(all);
  expect([...read.answers.keys()]).toEqual(all.map(({ key }) => key));
});

test("the file names its format, and calls are in OpenAI's form", async () => {
  const path = await written([withCalls]);
  const [header, line] = (await readFile(path, "utf8")).split("\n").map((text) => text && JSON.parse(text));
  expect(header).toMatchObject({ format: "tunewise frozen reference", format_version: 1, missing: 2 });
  expect(line.answer).toEqual({
    role: "assistant",
    content: "",
    tool_calls: [
      { id: "c1", type: "function", function: { name: "lookup", arguments: '{"city":"Graz\u2028","n":1}' } },
    ],
  });
});

test("an edited answer is noticed", async () => {
  const path = await written([answerTo("a"), answerTo("b")]);
  await writeFile(path, (await readFile(path, "utf8")).replace("to b", "to c"));
  await expect(readFrozenReference(path)).rejects.toMatchObject({ code: "FROZEN_CHANGED" });
});

test("a missing answer is noticed", async () => {
  const path = await written([answerTo("a"), answerTo("b")]);
  const lines = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, `${lines.filter((_, at) => at !== 1).join("\n")}`);
  await expect(readFrozenReference(path)).rejects.toMatchObject({ code: "FROZEN_CHANGED" });
});

test.each([
  ["", 1],
  ['{"messages":[]}\n', 1],
  ["no JSON\n", 1],
])("%j is not a frozen reference", async (text, line) => {
  const path = join(await temporaryFolder(), "frozen.jsonl");
  await writeFile(path, text);
  await expect(readFrozenReference(path)).rejects.toMatchObject({ code: "FROZEN_INVALID", params: { line } });
});

test.each([
  (text: string) => text.replace('"masked":false', '"masked":"no"'),
  (text: string) => text.slice(0, -10),
  (text: string) => `${text}[[[\n`,
])("a broken line is named", async (broken) => {
  const path = await written([answerTo("a")]);
  await writeFile(path, broken(await readFile(path, "utf8")));
  await expect(readFrozenReference(path)).rejects.toMatchObject({ code: "FROZEN_INVALID" });
});

test("a file that does not exist has a command that writes it", async () => {
  await expect(readFrozenReference("nowhere.jsonl")).rejects.toMatchObject({
    code: "FROZEN_NOT_FOUND",
    fix: "tunewise freeze MODEL -o nowhere.jsonl",
  });
});
