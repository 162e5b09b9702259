/** @file Findings of readers: media, inputs that mean "none", Alpaca's columns under other names, unusable files. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../../test/support/read-options.ts";
import { foreignFileError } from "./open-file.ts";
import { type ReadResult, readExamples } from "./read.ts";
import { recognizeFile } from "./recognize/recognize.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-readers-"));
});
afterAll(() => rm(folder, { recursive: true }));

const options = { ...readOptions, badRows: "error" } as const;

async function file(text: string, name = "rows.jsonl"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function read(rows: readonly object[]): Promise<ReadResult> {
  return readExamples(await file(rows.map((row) => JSON.stringify(row)).join("\n")), "rows.jsonl", options);
}

test("stripped reasoning is removed from all turns and noted, wherever it was written", async () => {
  const turns = [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "No.", reasoning_content: "Dry." },
    { role: "user", content: "Snow?" },
    { role: "assistant", content: "<think>\nWarm.\n</think>\n\nNo." },
  ];
  const path = await file([{ messages: turns }, answered("x")].map((row) => JSON.stringify(row)).join("\n"));
  const { examples, findings } = await readExamples(path, "rows.jsonl", { ...options, reasoning: "strip" });
  expect(examples[0]?.messages.filter(({ role }) => role === "assistant")).toEqual([
    { role: "assistant", content: "No." },
    { role: "assistant", content: "No." },
  ]);
  expect(findings.find(({ code }) => code === "DATA_REASONING_STRIPPED")).toMatchObject({
    severity: "note",
    count: 1,
    where: [{ row: 1 }],
  });
});

const user = (content: unknown): object => ({ role: "user", content });
const answered = (content: unknown): object => ({
  messages: [user(content), { role: "assistant", content: "A cat." }],
});

test.each<[string, object, string]>([
  ["an image", answered([{ type: "image_url", image_url: { url: "x" } }]), "content[0] is an image"],
  ["audio", answered([{ type: "text", text: "x" }, { type: "input_audio" }]), "content[1] is audio"],
  ["inline data", answered([{ inlineData: { mimeType: "video/mp4" } }]), "content[0] is a video"],
  ["a document", answered([{ type: "document" }]), "content[0] is a file"],
  [
    "an image by URL of the Responses API",
    answered([{ type: "input_image", image_url: "x" }]),
    "is an image",
  ],
  ["a file of the Responses API", answered([{ type: "input_file", file_id: "f" }]), "content[0] is a file"],
  ["OpenAI's file", answered([{ type: "file", file: { file_id: "f" } }]), "content[0] is a file"],
  ["Anthropic's image", answered([{ type: "image", source: { media_type: "image/png" } }]), "is an image"],
  ["Anthropic's upload", answered([{ type: "container_upload", file_id: "f" }]), "content[0] is a file"],
  ["Google's file", answered([{ fileData: { mimeType: "application/pdf" } }]), "content[0] is a file"],
  ["Google's audio, in snake case", answered([{ inline_data: { mime_type: "audio/mp3" } }]), "is audio"],
  ["Bedrock's image", answered([{ image: { format: "png", source: {} } }]), "content[0] is an image"],
  ["Bedrock's document", answered([{ document: { format: "pdf", name: "a" } }]), "content[0] is a file"],
  ["Bedrock's video", answered([{ video: { format: "mp4" } }]), "content[0] is a video"],
  ["Mistral's document", answered([{ type: "document_url", document_url: "x" }]), "content[0] is a file"],
  ["Mistral's audio", answered([{ type: "input_audio", input_audio: "x" }]), "content[0] is audio"],
  ["vLLM's audio", answered([{ type: "audio_url", audio_url: { url: "x" } }]), "content[0] is audio"],
  ["vLLM's video", answered([{ type: "video_url", video_url: { url: "x" } }]), "content[0] is a video"],
  ["the AI SDK's file", answered([{ type: "file", data: "x", mediaType: "image/png" }]), "is an image"],
  ["an image of transformers", answered([{ type: "image" }, { type: "text", text: "?" }]), "is an image"],
  [
    "Ollama's images beside the content",
    {
      messages: [
        { ...user("What?"), images: ["aGk="] },
        { role: "assistant", content: "A cat." },
      ],
    },
    "messages[0].images belongs to the conversation",
  ],
  [
    "OpenAI's spoken answer",
    { messages: [user("Hi"), { role: "assistant", content: "Yes", audio: { id: "a" } }] },
    "messages[1].audio belongs to the conversation",
  ],
  [
    "a column of images",
    { ...answered("<image>What?"), images: ["a.png"] },
    "images belongs to the conversation",
  ],
])("%s is named with its row, and the other rows stay", async (_, row, reason) => {
  const { examples, findings } = await read([answered("Hi"), row]);
  expect(examples).toHaveLength(1);
  const finding = findings.find(({ code }) => code === "DATA_MEDIA");
  expect(finding).toMatchObject({
    count: 1,
    where: [{ row: 2 }],
    fix: expect.stringContaining("bad_rows: skip"),
  });
  expect(finding?.detail).toContain(reason);
});

test("a part of an unknown type is named", async () => {
  const { findings } = await read([answered([{ type: "riddle", riddle: "x" }])]);
  expect(findings.find(({ code }) => code === "DATA_FIELD_TYPE")?.detail).toContain('of type "riddle"');
});

describe("inputs that mean none", () => {
  const rows = (values: readonly string[], filler = 10): object[] => [
    ...values.map((input, at) => ({ instruction: `Do ${at}`, input, output: "Done." })),
    ...Array.from({ length: filler }, (_, at) => ({
      instruction: `Say ${at}`,
      input: `text ${at}`,
      output: "x",
    })),
  ];
  const prompts = ({ examples }: ReadResult, count: number): (string | undefined)[] =>
    examples.slice(0, count).map(({ messages }) => messages[0]?.content);

  test.each([["noinput"], ["No input"], ["<noinput>"], ["No input needed."]])(
    "%s, even once",
    async (input) => {
      const result = await read(rows([input]));
      expect(prompts(result, 1)).toEqual(["Do 0"]);
      const finding = result.findings.find(({ code }) => code === "DATA_INPUT_PLACEHOLDER");
      expect(finding).toMatchObject({ severity: "warning", count: 1, where: [{ row: 1 }] });
      expect(finding?.detail).toContain(JSON.stringify(input));
    },
  );

  test.each([["N/A"], ["none"], ["-"], ["null"]])("%s where it repeats", async (input) => {
    const often = await read(rows([input, input, input]));
    expect(prompts(often, 3)).toEqual(["Do 0", "Do 1", "Do 2"]);
    expect(often.findings.find(({ code }) => code === "DATA_INPUT_PLACEHOLDER")?.count).toBe(3);
    const once = await read(rows([input]));
    expect(prompts(once, 1)).toEqual([`Do 0\n\n${input}`]);
    expect(once.findings.some(({ code }) => code === "DATA_INPUT_PLACEHOLDER")).toBe(false);
  });
});

test.each([
  ["instruction", "input", "response"],
  ["Instruction", "Input", "Answer"],
  ["instructions", "input_text", "completion"],
])("%s, %s and %s are read like Alpaca's columns", async (instruction, input, output) => {
  const rows = Array.from({ length: 20 }, (_, at) => ({
    [instruction]: `Translate sentence ${at} into French.`,
    [input]: `The cat number ${at} sits there.`,
    [output]: `Le chat ${at} est là.`,
  }));
  const { examples } = await read(rows);
  expect(examples[3]?.messages[0]?.content).toBe(
    "Translate sentence 3 into French.\n\nThe cat number 3 sits there.",
  );
  expect((await recognizeFile(join(folder, "rows.jsonl"), "rows.jsonl")).reading).toEqual({
    kind: "instruction",
  });
});

test.each<[string, unknown]>([
  ["bytes", { bytes: "aGk=", path: "a.png" }],
  ["a path", { path: "a.png", bytes: null }],
  ["base64", "data:image/png;base64,aGk="],
])("an image beside question and answer is not left out silently: %s", async (_, image) => {
  const row = { question: "What is it?", answer: "A cat." };
  const { examples, findings } = await read([row, { ...row, image }, { ...row, image: "cat-01" }]);
  expect(examples.map((one) => one.row)).toEqual([1, 3]);
  expect(findings.at(-1)).toMatchObject({ code: "DATA_MEDIA", where: [{ row: 2 }] });
});

test.each<[string, object]>([
  ["of the Responses API", { type: "output_text", text: "A cat." }],
  ["a refusal", { type: "refusal", refusal: "A cat." }],
])("text in other parts is text: %s", async (_, part) => {
  const row = {
    messages: [user([{ type: "input_text", text: "Hi" }]), { role: "assistant", content: [part] }],
  };
  const { examples } = await read([row, row]);
  expect(examples[0]?.messages.map(({ content }) => content)).toEqual(["Hi", "A cat."]);
});

test("system and developer turns are system turns, and a row may start with the assistant", async () => {
  const turns = ["system", "developer", "assistant", "user", "assistant"];
  const row = { messages: turns.map((role, at) => ({ role, content: String(at) })) };
  const { examples, findings } = await read([row, row]);
  expect(findings.filter(({ severity }) => severity !== "note")).toEqual([]);
  expect(examples[0]?.messages.map(({ role }) => role)).toEqual([
    ...["system", "system", "assistant", "user", "assistant"],
  ]);
});

test("a file without permission names the command that gives it", () => {
  const cause = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  expect(foreignFileError("a b.jsonl", cause)).toMatchObject({
    code: "DATA_FILE_FORBIDDEN",
    fix: 'chmod u+r "a b.jsonl"',
  });
});

test("the first line of a plain text is not a column", async () => {
  const path = await file("Chapter one\nIt was late\nNobody came\n", "book.txt");
  await expect(readExamples(path, "book.txt", options)).rejects.toMatchObject({
    code: "DATA_TEXT_ONLY",
    message: expect.not.stringContaining("Chapter one"),
  });
  expect(await recognizeFile(path, "book.txt")).toMatchObject({
    rows: 3,
    columns: ["text"],
    container: { kind: "document", sampleBy: "line" },
  });
});

test.each<[string, object, string]>([
  ["pairs", { prompt: "p", chosen: "b", rejected: "c" }, "answers: chosen"],
  ["an answer with a verdict", { prompt: "p", completion: "b", label: false }, "answers: chosen"],
  ["a pair without a verdict", { prompt: "p", response_a: "b", response_b: "c" }, "Name the better answer"],
])("preference rows are refused with a fix: %s", async (_, row, fix) => {
  await expect(read([row])).rejects.toMatchObject({
    code: "DATA_PREFERENCE_PAIRS",
    message: expect.stringContaining("not available yet"),
    fix: expect.stringContaining(fix),
  });
});
