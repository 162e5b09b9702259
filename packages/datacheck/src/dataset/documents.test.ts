/** @file Tests documents: text files by document, paragraph and line, columns of rows, folders, and what is no document. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { ReadOptions } from "./read.ts";
import { readSource } from "./read-source.ts";
import { recognizeFile } from "./recognize/recognize.ts";
import { fingerprintSplits } from "./splits.ts";

const root = temporaryFolder();
const options: ReadOptions = {
  format: "text",
  columns: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "error",
  group: null,
  time: null,
};

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(root, "docs-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function read(files: Readonly<Record<string, string | Uint8Array>>, name: string, more = {}) {
  const source = await readSource(join(folderOf(files), name), name, { ...options, ...more });
  const texts = source.examples.map(({ messages }) => messages.map(({ content }) => content).join("|"));
  return { ...source, texts };
}

const two = "One.\nstill one,\twith a tab\n\n  \n\nTwo, which ends\r\nhere\n";

test.each([
  ["document", [two]],
  ["paragraph", ["One.\nstill one,\twith a tab", "Two, which ends\nhere"]],
  ["line", ["One.", "still one,\twith a tab", "Two, which ends", "here"]],
] as const)("a text file by %s", async (sampleBy, expected) => {
  const { texts, examples, rows } = await read({ "a.txt": two }, "a.txt", { sampleBy });
  expect(texts).toEqual(expected);
  expect(rows).toBe(expected.length);
  expect(examples.every(({ isDocument }) => isDocument)).toBe(true);
  expect(examples.map(({ row }) => row)).toEqual(expected.map((_, at) => at + 1));
  if (sampleBy === "paragraph") expect(examples.map(({ line }) => line)).toEqual([1, 6]);
});

test.each([
  ["gzip", gzipSync("Packed\n"), "Packed\n"],
  ["UTF-16", Buffer.from("\ufeffWide text\n", "utf16le"), "Wide text\n"],
  ["Windows-1252", Buffer.from("caf\xe9 au lait\n", "latin1"), "café au lait\n"],
  ["a byte order mark", Buffer.from("\ufeffMarked"), "Marked"],
])("a text file in %s", async (_, bytes, expected) => {
  const name = bytes[0] === 0x1f ? "a.txt.gz" : "a.txt";
  expect((await read({ [name]: bytes }, name)).texts).toEqual([expected]);
});

test("a folder of texts has one document per file, and its README is not one of them", async () => {
  const files = { "b.txt": "B", "a.txt": "A", "README.md": "# About", "sub/c.txt": "C" };
  const { texts, files: counts } = await read(files, "./", {});
  expect(texts).toEqual(["A", "B"]);
  expect(counts.map(({ rows }) => rows)).toEqual([1, 1]);
  expect((await read({ "README.md": "# R", "train-tips.md": "T", "test-plan.md": "P" }, "./")).texts).toEqual(
    ["# R", "P", "T"],
  );
  await expect(read({ "train.txt": "A", "val.txt": "B" }, "./")).rejects.toMatchObject({
    code: "DATA_FOLDER_PARTS",
  });
  // data files are preferred to notes beside them
  expect((await read({ "rows.jsonl": '{"text": "row"}', "notes.txt": "N" }, "./")).texts).toEqual(["row"]);
});

test.each([
  ["text", '{"text": "T", "title": "other text", "label": 3}', {}, ["T"]],
  ["the only text", '{"body": "T", "id": 4}', {}, ["T"]],
  ["a named one", '{"a": "A", "b": "B"}', { textColumn: "b" }, ["B"]],
  ["a nested one", '{"a": {"b": ["B"]}}', { textColumn: "a.b.0" }, ["B"]],
])("the column of documents: %s", async (_, line, more, expected) => {
  expect((await read({ "a.jsonl": line }, "a.jsonl", more)).texts).toEqual(expected);
});

test("rows without a text are counted with their reason", async () => {
  const lines = ['{"text": "a"}', '{"text": " "}', '{"other": 1}', '{"text": 5}', '{"text": "b\\u0000"}'];
  const { texts, findings } = await read({ "a.jsonl": lines.join("\n") }, "a.jsonl");
  expect(texts).toEqual(["a"]);
  expect(findings.map(({ code, count }) => [code, count])).toEqual([
    ["DATA_ANSWER_EMPTY", 1],
    ["DATA_FIELD_MISSING", 1],
    ["DATA_FIELD_TYPE", 1],
    ["DATA_TEXT_INVALID", 1],
  ]);
});

test("a table without such a column is an error that names the key", async () => {
  const failure = read({ "a.csv": "alpha,beta\nsome words,other words\n" }, "a.csv");
  await expect(failure).rejects.toMatchObject({
    code: "DATA_TEXT_COLUMN_MISSING",
    fix: expect.stringContaining("text_column: alpha"),
  });
});

test("damaged and oversized files are reported", async () => {
  const bad = await read({ "a.txt": Buffer.from([0x41, 0xff, 0x81, 0x42]) }, "a.txt");
  expect([bad.texts, bad.findings.map(({ code }) => code)]).toEqual([[], ["DATA_UTF8_INVALID"]]);
  const long = await read({ "a.txt": `a\n\n${"word ".repeat(2_000_000)}\n\nb\n` }, "a.txt", {
    sampleBy: "paragraph",
  });
  expect([long.texts, long.findings.map(({ code }) => code)]).toEqual([["a", "b"], ["DATA_FIELD_TOO_LONG"]]);
  await expect(read({ "a.txt": Buffer.alloc(33 * 2 ** 20, "a") }, "a.txt")).rejects.toMatchObject({
    code: "DATA_FILE_TOO_LARGE",
  });
});

const poem = Array.from({ length: 12 }, (_, at) => `Verse ${at}, of a poem\nthat goes on.`).join("\n\n");
const article = (at: number) => `Article ${at} is long enough to be a text of its own with some words.`;
const labels = Array.from({ length: 30 }, (_, at) => ({ text: article(at), label: at % 3 }));

test.each([
  ["a poem", { "a.txt": poem }, "a.txt", "text-only", "paragraph"],
  ["lines of prose", { "a.txt": `${article(1)}\n${article(2)}\n` }, "a.txt", "text-only", "line"],
  [
    "a folder",
    Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`${at}.md`, article(at)])),
    "./",
    "text-only",
    "document",
  ],
  ["a table in a text file", { "a.txt": "text\tlabel\nso good\t1\nso bad\t0\n" }, "a.txt", "pair", null],
  ["classes", { "a.jsonl": labels.map((row) => JSON.stringify(row)).join("\n") }, "a.jsonl", "pair", null],
  [
    "one class only",
    { "a.jsonl": labels.map(({ text }) => JSON.stringify({ text, label: 0 })).join("\n") },
    "a.jsonl",
    "unclear",
    null,
  ],
  [
    "texts",
    { "a.jsonl": labels.map(({ text }) => JSON.stringify({ text })).join("\n") },
    "a.jsonl",
    "text-only",
    null,
  ],
] as const)("recognized: %s", async (_, files, name, kind, sampleBy) => {
  const { reading, container } = await recognizeFile(join(folderOf(files), name), name);
  expect(reading.kind).toBe(kind);
  expect(container.kind === "document" ? container.sampleBy : null).toBe(sampleBy);
});

test("a document and an answer with the same text have different fingerprints", () => {
  const messages = [{ role: "assistant" as const, content: "T" }];
  const place = { file: "a", row: 1 };
  const none = { validation: [], test: [] };
  const document = { messages, ...place, isDocument: true as const };
  expect(fingerprintSplits({ train: [document], ...none })).not.toBe(
    fingerprintSplits({ train: [{ messages, ...place }], ...none }),
  );
});
