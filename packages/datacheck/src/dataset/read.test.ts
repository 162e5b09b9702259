/** @file Reading files: each format, each issue, each error, and the rows that remain beside a bad one. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@tunewise/core/rows";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import type { Finding } from "../problem/index.ts";
import { type ReadOptions, type ReadResult, readExamples } from "./read.ts";
import { lineEnds, readRecords } from "./records.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-read-"));
});
afterAll(() => rm(folder, { recursive: true }));

const plain = { ...readOptions, badRows: "error" } as const;

async function read(
  name: string,
  text: string | Uint8Array,
  options: Partial<ReadOptions> = {},
): Promise<ReadResult> {
  const path = join(folder, name);
  await writeFile(path, text);
  return readExamples(path, name, { ...plain, ...options });
}

/** `user: Hi | assistant: Yes`, one string per example. */
const texts = ({ examples }: ReadResult): string[] =>
  examples.map(({ messages }) => messages.map(({ role, content }) => `${role}: ${content}`).join(" | "));
const codes = ({ findings }: ReadResult): string[] =>
  findings.filter(({ severity }) => severity !== "note").map(({ code, count }) => `${code} ${count}`);
const chat = (...turns: [Message["role"], string][]): string =>
  JSON.stringify({ messages: turns.map(([role, content]) => ({ role, content })) });
const pair = '{"prompt": "p", "completion": "c"}';

describe("formats", () => {
  test.each<[string, string, string, Partial<ReadOptions>, string[]]>([
    ["chat", "a.jsonl", chat(["user", "Hi"], ["assistant", "Yes"]), {}, ["user: Hi | assistant: Yes"]],
    [
      "conversations of from and value",
      "a.jsonl",
      '{"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Yes"}]}',
      {},
      ["user: Hi | assistant: Yes"],
    ],
    [
      "a system column beside the messages",
      "a.jsonl",
      '{"system":"S","conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Yes"}]}',
      {},
      ["system: S | user: Hi | assistant: Yes"],
    ],
    [
      "content in text parts",
      "a.jsonl",
      '{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]}',
      {},
      ["user: ab | assistant: c"],
    ],
    ["prompt and completion", "a.jsonl", pair, {}, ["user: p | assistant: c"]],
    ["text and label", "a.csv", "text,label\nGood,pos\n", {}, ["user: Good | assistant: pos"]],
    [
      "preference data whose better answers are asked for",
      "a.jsonl",
      '{"prompt":"p","chosen":"c","rejected":"r"}',
      { columns: { prompt: "prompt", completion: "chosen" } },
      ["user: p | assistant: c"],
    ],
    [
      "contents of parts with a system instruction",
      "a.jsonl",
      '{"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Yes"}]}]}',
      {},
      ["system: S | user: Hi | assistant: Yes"],
    ],
    [
      "a field inside a field",
      "a.jsonl",
      '{"q":"Why?","answers":{"text":["Because."]}}',
      { columns: { prompt: "q", completion: "answers.text.0" } },
      ["user: Why? | assistant: Because."],
    ],
    ["question and answer", "a.jsonl", '{"question":"q","answer":"a"}', {}, ["user: q | assistant: a"]],
    [
      "message lists on both sides",
      "a.jsonl",
      '{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"completion":[{"role":"assistant","content":"a"}]}',
      {},
      ["system: s | user: u | assistant: a"],
    ],
    [
      "instruction with input",
      "a.jsonl",
      '{"instruction":"i","input":"x","output":"o"}',
      {},
      ["user: i\n\nx | assistant: o"],
    ],
    [
      "instruction with earlier turns, as LLaMA-Factory writes them",
      "n.jsonl",
      '{"instruction":"i","input":"","output":"o","system":"s","history":[["q","a"]]}',
      {},
      ["system: s | user: q | assistant: a | user: i | assistant: o"],
    ],
    [
      "query and response with earlier turns, as ms-swift writes them",
      "h.jsonl",
      '{"query":"i","response":"o","system":"s","history":[["q","a"],["r","b"]]}',
      { columns: { prompt: "query", completion: "response" } },
      ["system: s | user: q | assistant: a | user: r | assistant: b | user: i | assistant: o"],
    ],
    [
      "instruction without",
      "a.jsonl",
      '{"instruction":"i","input":"","output":"o"}',
      {},
      ["user: i | assistant: o"],
    ],
    ["JSON list", "a.json", `[${pair},${pair}]`, {}, ["user: p | assistant: c", "user: p | assistant: c"]],
    [
      "JSON lines named json",
      "a.json",
      `${pair}\n${pair}\n`,
      {},
      ["user: p | assistant: c", "user: p | assistant: c"],
    ],
    [
      "table by columns",
      "a.csv",
      "text,label\nhello,greet\n",
      { columns: { prompt: "text", completion: "label" } },
      ["user: hello | assistant: greet"],
    ],
    [
      "tabs",
      "a.tsv",
      "text\tlabel\nhel,lo\tgreet\n",
      { columns: { prompt: "text", completion: "label" } },
      ["user: hel,lo | assistant: greet"],
    ],
    ["semicolons", "a.csv", "prompt;completion\na,b;c\n", {}, ["user: a,b | assistant: c"]],
    [
      "numbers as labels",
      "a.jsonl",
      '{"t":"x","y":3}',
      { format: "table", columns: { prompt: "t", completion: "y" } },
      ["user: x | assistant: 3"],
    ],
    ["system of the recipe", "a.jsonl", pair, { system: "S" }, ["system: S | user: p | assistant: c"]],
    [
      "a row's own system stays",
      "a.jsonl",
      chat(["system", "own"], ["user", "u"], ["assistant", "a"]),
      { system: "S" },
      ["system: own | user: u | assistant: a"],
    ],
    [
      "prompt template with columns",
      "a.jsonl",
      '{"prompt":"{label}","completion":"c","label":"L"}',
      { promptTemplate: 'Q {prompt} {label} {"json": 1}' },
      ['user: Q {label} L {"json": 1} | assistant: c'],
    ],
    [
      "prompt template on the last user turn",
      "a.jsonl",
      chat(["user", "1"], ["assistant", "2"], ["user", "3"], ["assistant", "4"]),
      { promptTemplate: "<{prompt}>" },
      ["user: 1 | assistant: 2 | user: <3> | assistant: 4"],
    ],
    [
      "byte order mark and carriage returns",
      "a.jsonl",
      `\ufeff${pair}\r\n\r\n${pair}\r\n`,
      {},
      ["user: p | assistant: c", "user: p | assistant: c"],
    ],
  ])("%s", async (_, name, text, options, expected) => {
    const result = await read(name, text, options);
    expect(texts(result)).toEqual(expected);
    expect(codes(result)).toEqual([]);
  });

  test("auto says what it chose", async () => {
    const { findings } = await read("q.jsonl", '{"question":"q","answer":"a"}');
    expect(findings.map(({ detail }) => detail)).toEqual([
      "q.jsonl is read as JSONL rows of format prompt-completion (question -> answer), detected by its fields",
    ]);
  });
});

const rows: readonly [code: string, row: string | Uint8Array, reason: string][] = [
  ["DATA_JSON_INVALID", '{"prompt": "p", ', "line 2"],
  ["DATA_JSON_INVALID", "{'prompt': 1}", ""],
  ["DATA_JSON_INVALID", '{"prompt": "a\u0000b", "completion": "c"}', ""],
  ["DATA_ROW_NOT_OBJECT", "[1, 2]", "is a list, not an object"],
  ["DATA_ROW_NOT_OBJECT", "null", "is null, not an object"],
  ["DATA_ROW_NOT_OBJECT", '"text"', "is a string, not an object"],
  ["DATA_UTF8_INVALID", Uint8Array.of(0x7b, 0xff, 0x7d), "not UTF-8"],
  ["DATA_FIELD_MISSING", '{"prompt": "p"}', "completion is missing"],
  ["DATA_FIELD_MISSING", '{"prompt": "p", "completion": null}', "completion is null"],
  ["DATA_FIELD_TYPE", '{"prompt": "p", "completion": 5}', "completion is a number, not text"],
  ["DATA_FIELD_TYPE", '{"prompt": {"a": 1}, "completion": "c"}', "prompt is an object, not text"],
  ["DATA_FIELD_TYPE", '{"prompt": "p", "completion": ["c"]}', "completion[0] is a string, not an object"],
  ["DATA_TEXT_INVALID", '{"prompt": "\\ud83d", "completion": "c"}', "half a surrogate pair"],
  ["DATA_TEXT_INVALID", '{"prompt": "p", "completion": "a\\u0000"}', "NUL"],
  [
    "DATA_ROLE_UNKNOWN",
    '{"prompt": [{"role": "narrator", "content": "x"}], "completion": "c"}',
    '"narrator"',
  ],
  [
    "DATA_TOOL_CALL_INVALID",
    '{"prompt": "p", "completion": [{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}]}',
    "completion[0].tool_calls[0] has no name of a tool",
  ],
  [
    "DATA_TOOL_CALL_INVALID",
    '{"prompt": "p", "completion": [{"role": "assistant", "content": [{"type": "tool_use", "id": "1"}]}]}',
    "completion[0].content[0] has no name of a tool",
  ],
  ["DATA_ANSWER_EMPTY", '{"prompt": "p", "completion": " \\n"}', "empty"],
  ["DATA_PROMPT_EMPTY", '{"prompt": " ", "completion": "c"}', "no prompt"],
  [
    "DATA_ANSWER_MISSING",
    '{"prompt": "p", "completion": [{"role": "user", "content": "u"}]}',
    "ends with the role user",
  ],
  ["DATA_ANSWER_MISSING", '{"prompt": [], "completion": []}', "no messages"],
];

describe("unusable rows", () => {
  test.each(rows)("%s: %s", async (code, row, reason) => {
    const bytes = Buffer.concat([Buffer.from(`${pair}\n`), Buffer.from(row), Buffer.from(`\n${pair}\n`)]);
    const result = await read("bad.jsonl", bytes);
    expect(result.examples.map(({ line }) => line)).toEqual([1, 3]);
    expect(codes(result)).toEqual([`${code} 1`]);
    const finding = result.findings.at(-1) as Finding;
    expect(finding).toMatchObject({ severity: "error", where: [{ file: "bad.jsonl", line: 2 }] });
    expect(finding.detail).toContain("bad.jsonl:2");
    if (!reason.startsWith("line")) expect(finding.detail).toContain(reason);
    expect(finding.detail + finding.fix).not.toMatch(/\{\w+\}/);
  });

  test("one finding per code, with count and the first five places", async () => {
    const result = await read("many.jsonl", `${pair}\n${"oops\n".repeat(9)}${'{"prompt":"p"}\n'.repeat(2)}`);
    expect(codes(result)).toEqual(["DATA_JSON_INVALID 9", "DATA_FIELD_MISSING 2"]);
    expect(result.findings[1]?.where.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
  });

  test("skip makes them warnings", async () => {
    const result = await read("skip.jsonl", `${pair}\noops\n`, { badRows: "skip" });
    expect(result.findings.at(-1)?.severity).toBe("warning");
  });

  test("a placeholder without a column is a warning and the row stays", async () => {
    const result = await read("ph.jsonl", pair, { promptTemplate: "{prompt} {nope}" });
    expect(texts(result)).toEqual(["user: p {nope} | assistant: c"]);
    expect(codes(result)).toEqual(["DATA_PLACEHOLDER_UNKNOWN 1"]);
  });

  test("inherited members are no fields", async () => {
    const result = await read("proto.jsonl", `${pair}\n{"__proto__": {"prompt": "p", "completion": "c"}}\n`);
    expect(codes(result)).toEqual(["DATA_FIELD_MISSING 1"]);
    expect(({} as Record<string, unknown>)["prompt"]).toBeUndefined();
  });

  test("a table row of the wrong width", async () => {
    expect(codes(await read("w.csv", "prompt,completion\na,b\nc\n"))).toEqual(["DATA_CSV_INVALID 1"]);
  });

  test("a field beyond the limit", async () => {
    const long = JSON.stringify({ prompt: "x".repeat(8 * 2 ** 20 + 1), completion: "c" });
    expect(codes(await read("long.jsonl", `${pair}\n${long}\n`))).toEqual(["DATA_FIELD_TOO_LONG 1"]);
  });
});

test("a record beyond the limit is reported with its line, and reading goes on behind it", async () => {
  const path = join(folder, "limit.txt");
  await writeFile(path, `ok\n${"x".repeat(3_000_000)}\nok too\n${"y".repeat(20)}`);
  const records = [];
  for await (const batch of readRecords(path, "limit.txt", lineEnds(), { maxRecordBytes: 10 }))
    records.push(...batch);
  expect(records).toEqual([
    { number: 1, line: 1, text: "ok" },
    {
      number: 2,
      line: 2,
      issue: { code: "DATA_LINE_TOO_LONG", reason: "has 3000000 bytes, more than 10" },
    },
    { number: 3, line: 3, text: "ok too" },
    { number: 4, line: 4, issue: { code: "DATA_LINE_TOO_LONG", reason: "has 20 bytes, more than 10" } },
  ]);
});

test("records across chunk borders come whole", async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i} é😀 ${"z".repeat(i % 97)}`);
  const path = join(folder, "chunks.txt");
  await writeFile(path, lines.join("\n"));
  const seen: string[] = [];
  for await (const batch of readRecords(path, "c", lineEnds())) {
    for (const record of batch) seen.push("text" in record ? record.text : record.issue.reason);
  }
  expect(seen).toEqual(lines);
});

describe("errors of a whole file", () => {
  test.each<[string, string, Uint8Array | string, Partial<ReadOptions>, RegExp]>([
    ["DATA_FORMAT_UNKNOWN", "u.csv", "alpha,beta\na,b\n", {}, /has the fields alpha, beta/],
    [
      "DATA_PREFERENCE_PAIRS",
      "p.jsonl",
      '{"prompt":"p","chosen":"c","rejected":"r"}',
      {},
      /compares answers/,
    ],
    [
      "DATA_TEXT_ONLY",
      "o.jsonl",
      '{"text":"some text","id":7}',
      {},
      /plain text \(column text\) and no answers/,
    ],
    ["DATA_FORMAT_UNKNOWN", "u.jsonl", '{"x": 1}', { format: "table" }, /fields x/],
    [
      "DATA_COLUMN_MISSING",
      "c.csv",
      "text,label\na,b\n",
      { columns: { prompt: "text", completion: "Label" } },
      /no column Label; its columns are text, label/,
    ],
    ["DATA_FILE_UNREADABLE", "b.json", "[{]", {}, /not valid JSON/],
    ["DATA_FILE_UNREADABLE", "u.json", Uint8Array.of(0x5b, 0xff, 0x5d), {}, /not UTF-8/],
    ["DATA_FILE_UNREADABLE", "p.parquet", "PAR1", {}, /not whole Parquet/],
    ["DATA_FILE_UNREADABLE", "q.parquet", `PAR1${"x".repeat(100)}PAR1`, {}, /not whole Parquet/],
  ])("%s %s", async (code, name, text, options, message) => {
    const failure = read(name, text, options);
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(message);
  });

  test("a missing file, and a folder", async () => {
    const none = readExamples(join(folder, "none.jsonl"), "none.jsonl", plain);
    await expect(none).rejects.toMatchObject({ code: "DATA_FILE_NOT_FOUND" });
    await expect(readExamples(folder, "dir", plain)).rejects.toMatchObject({ code: "DATA_FILE_UNREADABLE" });
  });
});

describe("where rows come from", () => {
  const rows = ['{"prompt": "p", "completion": "c", "customer": 7, "at": "2024-03-01"}', pair].join("\n");

  test("is read from the columns that say so", async () => {
    const result = await read("o.jsonl", rows, { group: "customer", time: "at" });
    expect(result.examples.map(({ group, time }) => [group, time])).toEqual([
      ["7", Date.UTC(2024, 2, 1)],
      [undefined, undefined],
    ]);
    expect(codes(result)).toEqual([]);
  });

  test("is said to be unknown where no row has the column", async () => {
    const { findings } = await read("o.jsonl", rows, { group: "client", time: "when" });
    expect(findings.filter(({ code }) => code === "DATA_ORIGIN_UNKNOWN").map(({ detail }) => detail)).toEqual(
      [
        "no row of o.jsonl has a value for data.group: client",
        "no row of o.jsonl has a value for data.time: when",
      ],
    );
  });
});
