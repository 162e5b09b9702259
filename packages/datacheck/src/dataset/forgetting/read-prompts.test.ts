/** @file Files of prompts and documents: each kind, each issue, and empty files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import type { Finding } from "../../problem/index.ts";
import { spread } from "./prompts.ts";
import { readChoices, readPrompts, readRegressionPrompts, readTexts } from "./read-prompts.ts";

const folder = temporaryFolder();

/** A file with this name and content. */
function file(name: string, content: string | Uint8Array | readonly object[]): [string, string] {
  const path = join(folder, name);
  const isText = typeof content === "string" || content instanceof Uint8Array;
  writeFileSync(path, isText ? content : content.map((row) => JSON.stringify(row)).join("\n"));
  return [path, name];
}

const codes = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, count }) => `${code} ${count}`);

describe("documents", () => {
  test("one a line, with the line", async () => {
    const { items, findings } = await readTexts(...file("a.jsonl", '{"text": "one"}\n\n{"text": "two"}\n'));
    expect(items).toEqual([
      { text: "one", line: 1 },
      { text: "two", line: 3 },
    ]);
    expect(findings).toEqual([]);
  });

  test("paragraphs of a text file, parted by empty lines or lines of spaces", async () => {
    const text = "\ufeffa\r\nb\r\n\r\n\r\nc\n   \nd\ne";
    const { items } = await readTexts(...file("a.txt", text));
    expect(items).toEqual([
      { text: "a\nb", line: 1 },
      { text: "c", line: 5 },
      { text: "d\ne", line: 7 },
    ]);
  });

  test("bad rows are listed and left out", async () => {
    const rows = '{"text": 5}\n{"text": " "}\n[1]\n{oops\n{"text": "good"}\n{"words": "none"}\n';
    const { items, findings } = await readTexts(...file("bad.jsonl", rows));
    expect(items).toHaveLength(1);
    expect(codes(findings)).toEqual([
      "DATA_FIELD_TYPE 1",
      "DATA_FIELD_MISSING 2",
      "DATA_ROW_NOT_OBJECT 1",
      "DATA_JSON_INVALID 1",
    ]);
    expect(findings.every(({ severity }) => severity === "warning")).toBe(true);
  });

  test("bytes that are no text are listed", async () => {
    const bytes = Uint8Array.from([0x61, 0x0a, 0xff, 0xfe, 0x0a, 0x62]);
    const { items, findings } = await readTexts(...file("bytes.txt", bytes));
    expect(items.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(codes(findings)).toEqual(["DATA_UTF8_INVALID 1"]);
  });

  test.each([
    ["an empty file", "empty.jsonl", "", "it is empty"],
    ["blank lines", "blank.txt", "\n \n\n", "it is empty"],
    ["not one usable row", "none.jsonl", '{"text": 1}', "a field has the wrong type in 1 row"],
  ])("%s is an error that says why", async (_, name, content, reason) => {
    await expect(readTexts(...file(name, content))).rejects.toMatchObject({
      code: "FORGETTING_FILE_EMPTY",
      message: expect.stringContaining(reason),
    });
  });

  test("a missing file and a folder are errors", async () => {
    await expect(readTexts(join(folder, "no.txt"), "no.txt")).rejects.toMatchObject({
      code: "DATA_FILE_NOT_FOUND",
    });
    await expect(readTexts(folder, "folder.jsonl")).rejects.toMatchObject({ code: "DATA_FILE_UNREADABLE" });
  });
});

test("prompts stand one a line in a text file", async () => {
  const { items } = await readPrompts(...file("p.txt", "one\ntwo\n\nthree\n"));
  expect(items.map(({ text, line }) => `${line} ${text}`)).toEqual(["1 one", "2 two", "4 three"]);
});

describe("questions", () => {
  const choices = ["red", "green", "blue"];
  test.each<[unknown, number]>([
    ["green", 1],
    [" blue ", 2],
    [0, 0],
    ["C", 2],
    ["a", 0],
  ])("the answer %j is the choice at %i", async (answer, at) => {
    const { items } = await readChoices(...file("c.jsonl", [{ question: "Which?", choices, answer }]));
    expect(items[0]?.answer).toBe(at);
  });

  test("numbers as choices are texts, and a text is looked for before a letter or a place", async () => {
    const row = { question: "1 + 1 =", choices: [1, 2, 3], answer: "2" };
    expect((await readChoices(...file("n.jsonl", [row]))).items[0]).toMatchObject({
      choices: ["1", "2", "3"],
      answer: 1,
    });
  });

  test.each<[string, unknown]>([
    ["no such text", "yellow"],
    ["a place too high", 3],
    ["a place that is none", 1.5],
    ["a letter too high", "D"],
    ["nothing", null],
  ])("an answer that is %s is no right answer", async (_, answer) => {
    const good = { question: "Which?", choices, answer: 0 };
    const { items, findings } = await readChoices(
      ...file("w.jsonl", [good, { question: "Which?", choices, answer }]),
    );
    expect(items).toHaveLength(1);
    expect(codes(findings)).toEqual(["FORGETTING_ANSWER_INVALID 1"]);
  });

  test.each<[string, unknown]>([
    ["no list", "red"],
    ["one choice", ["red"]],
    ["two alike", ["red", " red"]],
    ["one empty", ["red", ""]],
    ["a list inside", ["red", ["green"]]],
    ["too many", Array.from({ length: 27 }, (_, at) => String(at))],
  ])("%s: no usable choices", async (_, bad) => {
    const rows = [
      { question: "q", choices: bad, answer: 0 },
      { question: "q", choices, answer: 0 },
    ];
    const { findings } = await readChoices(...file("x.jsonl", rows));
    expect(codes(findings)).toEqual(["FORGETTING_CHOICES_INVALID 1"]);
  });
});

describe("regression prompts", () => {
  test.each<[unknown, object]>([
    ["Paris", { contains: "Paris" }],
    [{ equals: "4" }, { equals: "4" }],
    [
      { contains_all: ["a", "b"], excludes: "c" },
      { containsAll: ["a", "b"], excludes: "c" },
    ],
    [{ contains_any: ["a"] }, { containsAny: ["a"] }],
    [{ regex: "^[0-9]+$" }, { regex: "^[0-9]+$" }],
    [{ regex: "/yes/i" }, { regex: "/yes/i" }],
    [{ is_json: true }, { isJson: true }],
  ])("expected %j", async (expected, read) => {
    const { items } = await readRegressionPrompts(...file("m.jsonl", [{ prompt: "p", expected }]));
    expect(items).toEqual([{ prompt: "p", system: null, expected: read, line: 1 }]);
  });

  test.each<[unknown, string]>([
    ["", "expected is empty"],
    [undefined, "expected is missing"],
    [{}, "has none of equals"],
    [{ starts: "a" }, "unknown condition starts"],
    [{ contains: "" }, "contains is a string"],
    [{ contains_all: [] }, "contains_all is a list"],
    [{ regex: "(" }, "cannot be read"],
    [{ regex: "a".repeat(1001) }, "more than 1000 characters"],
    [{ regex: "" }, "the pattern is empty"],
    [{ regex: 5 }, "regex is a number"],
    [{ is_json: "yes" }, "is_json is a string"],
  ])("expected %j cannot be checked", async (expected, reason) => {
    const rows = [
      { prompt: "p", expected },
      { prompt: "p", expected: "x" },
    ];
    const { items, findings } = await readRegressionPrompts(...file("e.jsonl", rows));
    expect(items).toHaveLength(1);
    expect(codes(findings)).toEqual(["FORGETTING_EXPECTED_INVALID 1"]);
    expect(findings[0]?.detail).toContain(reason);
  });

  test("a system message of its own", async () => {
    const rows = [
      { prompt: "p", system: "Be brief.", expected: "x" },
      { prompt: "p", system: 5, expected: "x" },
    ];
    const { items, findings } = await readRegressionPrompts(...file("s.jsonl", rows));
    expect(items.map(({ system }) => system)).toEqual(["Be brief."]);
    expect(codes(findings)).toEqual(["DATA_FIELD_TYPE 1"]);
  });
});

describe("a sample", () => {
  test.each<[number | null, number[]]>([
    [null, [0, 1, 2, 3, 4, 5]],
    [9, [0, 1, 2, 3, 4, 5]],
    [3, [0, 2, 4]],
    [4, [0, 1, 3, 4]],
    [0, []],
  ])("of %s of six", (count, expected) => {
    expect(spread([0, 1, 2, 3, 4, 5], count)).toEqual(expected);
  });
});
