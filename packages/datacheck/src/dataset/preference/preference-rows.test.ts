/** @file Preference rows in the forms of TRL, OpenAI, Anthropic, UltraFeedback and others, read as their chosen answers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Example } from "@tunewise/core/rows";
import { expect, onTestFinished, test } from "vitest";
import { type ReadOptions, type ReadResult, readExamples } from "../read.ts";
import { recognizeFile } from "../recognize/recognize.ts";

const options: ReadOptions = {
  format: "auto",
  columns: null,
  answers: "chosen",
  group: null,
  time: null,
  system: null,
  promptTemplate: "{prompt}",
  badRows: "error",
};

async function fileOf(rows: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-preference-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "rows.jsonl");
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

async function read(rows: readonly object[], more: Partial<ReadOptions> = {}): Promise<ReadResult> {
  return readExamples(await fileOf(rows), "rows.jsonl", { ...options, ...more });
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const tool = { type: "function", function: { name: "f", parameters: {} } };

/** `user: Hi | assistant*: Yes`; the star marks context. */
const shown = (example: Example | undefined): string =>
  (example?.messages ?? [])
    .map(({ role, content, weight }) => `${role}${weight === 0 ? "*" : ""}: ${content}`)
    .join(" | ");

const forms: readonly [form: string, row: object, shown: string, rejected: string][] = [
  ["TRL, text", { prompt: "p", chosen: "c", rejected: "r" }, "user: p | assistant: c", "r"],
  [
    "TRL, messages",
    { prompt: [user("p")], chosen: [assistant("c")], rejected: [assistant("r")] },
    "user: p | assistant: c",
    "r",
  ],
  [
    "TRL, implicit prompt of several turns",
    {
      chosen: [user("1"), assistant("2"), user("3"), assistant("c")],
      rejected: [user("1"), assistant("2"), user("3"), assistant("r")],
    },
    "user: 1 | assistant*: 2 | user: 3 | assistant: c",
    "r",
  ],
  [
    "conversations that part early are trained from there",
    {
      chosen: [user("1"), assistant("2"), user("3"), assistant("c")],
      rejected: [user("1"), assistant("x"), user("y"), assistant("r")],
    },
    "user: 1 | assistant: 2 | user: 3 | assistant: c",
    "x\ny\nr",
  ],
  [
    "UltraFeedback, binarized: a prompt as text, whole conversations, scores",
    {
      prompt: "p",
      prompt_id: "0f",
      chosen: [user("p"), assistant("c")],
      rejected: [user("p"), assistant("r")],
      messages: [user("p"), assistant("c")],
      score_chosen: 8.5,
      score_rejected: 4,
    },
    "user: p | assistant: c",
    "r",
  ],
  [
    "UltraFeedback: rated completions",
    {
      source: "s",
      instruction: "p",
      models: ["a", "b", "c"],
      completions: [
        { response: "r", overall_score: 3 },
        { response: "c", overall_score: 8.5 },
        { response: "m", overall_score: 5 },
      ],
    },
    "user: p | assistant: c",
    "r",
  ],
  [
    "Argilla: ratings with hyphens",
    { prompt: "p", chosen: "c", "chosen-rating": 5, rejected: "r", "rejected-rating": "2" },
    "user: p | assistant: c",
    "r",
  ],
  [
    "OpenAI and Fireworks, with tools",
    {
      input: { messages: [{ role: "system", content: "s" }, user("p")], tools: [tool] },
      preferred_output: [assistant("c")],
      non_preferred_output: [assistant("r")],
    },
    "system: s | user: p | assistant: c",
    "r",
  ],
  [
    "Anthropic's transcripts",
    {
      chosen: "\n\nHuman: 1\n\nAssistant: 2\n\nHuman: 3\n\nAssistant: c",
      rejected: "\n\nHuman: 1\n\nAssistant: 2\n\nHuman: 3\n\nAssistant: r",
    },
    "user: 1 | assistant*: 2 | user: 3 | assistant: c",
    "r",
  ],
  [
    "a prompt that is a transcript",
    { prompt: "\n\nHuman: 1\n\nAssistant:", chosen: " c", rejected: " r" },
    "user: 1 | assistant:  c",
    " r",
  ],
  [
    "Orca: a system column",
    { system: "s", question: "p", chosen: "c", rejected: "r" },
    "system: s | user: p | assistant: c",
    "r",
  ],
  [
    "Alpaca's instruction and input",
    { instruction: "i", input: "x", chosen: "c", rejected: "r" },
    "user: i\n\nx | assistant: c",
    "r",
  ],
  [
    "LLaMA-Factory's messages",
    {
      conversations: [{ from: "human", value: "p" }],
      chosen: { from: "gpt", value: "c" },
      rejected: { from: "gpt", value: "r" },
    },
    "user: p | assistant: c",
    "r",
  ],
  [
    "Chatbot Arena",
    {
      model_a: "m",
      model_b: "n",
      winner: "model_b",
      conversation_a: [user("p"), assistant("r")],
      conversation_b: [user("p"), assistant("c")],
    },
    "user: p | assistant: c",
    "r",
  ],
  [
    "SafeRLHF: numbered responses",
    { prompt: "p", response_0: "c", response_1: "r", better_response_id: 0, safer_response_id: 1 },
    "user: p | assistant: c",
    "r",
  ],
];

test.each(forms)("%s", async (_, row, expected, rejected) => {
  const { examples, findings } = await read([row, row]);
  expect(findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual(["DATA_FORMAT_DETECTED note"]);
  expect(examples.map(shown)).toEqual([expected, expected]);
  expect(examples[0]?.compared?.rejected).toEqual([rejected]);
  const { reading, unusable } = await recognizeFile(await fileOf([row, row]), "rows.jsonl");
  expect([reading, unusable]).toMatchObject([{ kind: "preference", isDecided: true }, 0]);
});

test("tools and scores come along", async () => {
  const rows = forms.map(([, row]) => row);
  const { examples } = await read(rows);
  expect(examples.flatMap(({ tools }) => tools ?? [])).toEqual([tool]);
  const scores = examples.flatMap(({ compared }) => (compared?.scores ? [compared.scores] : []));
  expect(scores).toEqual([
    [8.5, 4],
    [8.5, 3],
    [5, 2],
  ]);
});

test("of answers with a verdict the good ones are trained, and the others are counted and compared", async () => {
  const rows = [
    { prompt: "p", completion: "r", label: false },
    { prompt: "p", completion: "c", label: true },
    { prompt: "q", completion: "c2", label: true },
    { prompt: "q", completion: "", label: false },
  ];
  const { examples, findings, unusable } = await read(rows);
  expect(examples.map(shown)).toEqual(["user: p | assistant: c", "user: q | assistant: c2"]);
  expect(examples.map(({ compared }) => compared)).toEqual([
    { chosen: "c", rejected: ["r"] },
    { chosen: "c2", rejected: [""] },
  ]);
  expect(findings[1]).toMatchObject({ code: "DATA_ANSWER_NOT_CHOSEN", severity: "note", count: 2 });
  expect(findings[1]?.detail).toContain("rows.jsonl:1: the answer is rejected");
  expect(unusable.size).toBe(0); // a repaired copy keeps them
});

test("ties are not trained", async () => {
  const row = { prompt: "p", response_a: "x", response_b: "y" };
  const { examples, findings } = await read([
    { ...row, winner: "tie" },
    { ...row, winner: "A" },
  ]);
  expect(examples.map(shown)).toEqual(["user: p | assistant: x"]);
  expect(findings[1]?.detail).toContain("rows.jsonl:1: neither answer is preferred");
});

test.each<[string, object, string]>([
  ["no prompt", { chosen: "c", rejected: "r" }, "DATA_PROMPT_EMPTY"],
  ["an empty chosen answer", { prompt: "p", chosen: " ", rejected: "r" }, "DATA_ANSWER_EMPTY"],
  ["no answers", { prompt: "p" }, "DATA_FIELD_MISSING"],
  ["a number as an answer", { prompt: "p", chosen: 5, rejected: "r" }, "DATA_FIELD_TYPE"],
  ["an image in the rejected answer", { prompt: "p", chosen: "c", rejected: image() }, "DATA_MEDIA"],
])("unusable: %s", async (_, row, code) => {
  const result = await read([{ prompt: "p", chosen: "c", rejected: "r" }, row]);
  expect(result.examples).toHaveLength(1);
  expect(result.findings.at(-1)).toMatchObject({ code, severity: "error", where: [{ row: 2 }] });
});

function image(): object[] {
  return [{ role: "assistant", content: [{ type: "image_url", image_url: { url: "x" } }] }];
}

test("other formats stay what they are", async () => {
  const chat = { messages: [user("p"), assistant("c")], chosen: "c", rejected: "r" };
  expect((await read([chat], { answers: null })).examples.map(shown)).toEqual(["user: p | assistant: c"]);
  const { examples } = await read([{ prompt: "p", completion: "c" }]); // a test file without comparisons
  expect(examples.map(shown)).toEqual(["user: p | assistant: c"]);
  const table = { question: "q", answer1: "x", answer2: "y", label: 3 };
  expect((await read([table])).examples.map(shown)).toEqual(["user: q | assistant: 3"]);
});

test("the format can be stated, and is refused without the consent to lose the comparison", async () => {
  const row = { prompt: "p", chosen: "c", rejected: "r" };
  const { examples } = await read([row], { format: "preference" });
  expect(examples.map(shown)).toEqual(["user: p | assistant: c"]);
  const refused = read([row], { format: "preference", answers: null });
  await expect(refused).rejects.toMatchObject({ code: "DATA_PREFERENCE_PAIRS" });
});
