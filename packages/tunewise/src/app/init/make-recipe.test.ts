/**
 * @file `init` for data files in 25 styles: what it proposes without a question, whether the recipe reads the rows from
 * any folder, and its errors for data that it cannot use, read or find.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSplits } from "@tunewise/datacheck/dataset";
import { expect, onTestFinished, test } from "vitest";
import {
  type DataFile,
  files,
  label,
  lines,
  rows,
  sentence,
  table,
} from "../../../../../test/support/data-files.ts";
import { moreFiles } from "../../../../../test/support/data-files-more.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type InitRequest, makeRecipe } from "./make-recipe.ts";

async function folderWith(content: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-init-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(content)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const nothingSaid = {
  model: null,
  usdPerHour: null,
  budgetUsd: null,
  budgetMinutes: null,
  prompt: null,
  completion: null,
  kind: null,
  schema: "s.json",
  shown: "tunewise.yaml",
};

async function made(folder: string, data: string, more: Partial<InitRequest> = {}) {
  const runtime = { cwd: folder, cores: 2, memoryBytes: 8e9 } as Runtime;
  const recipePath = join(folder, "recipes", "new", "tunewise.yaml");
  const result = await makeRecipe({ ...nothingSaid, data, recipePath, ...more }, runtime, null);
  const { recipe, problems } = readRecipe(result.text, "tunewise.yaml");
  expect(problems).toEqual([]);
  if (recipe === null) throw new Error("the recipe does not read back");
  return { ...result, recipe, home: dirname(recipePath) };
}

const placed = ({ name, content }: DataFile): Record<string, string | Uint8Array> =>
  typeof content === "string" || content instanceof Uint8Array
    ? { [name]: content }
    : Object.fromEntries(Object.entries(content).map(([file, text]) => [`${name}/${file}`, text]));

test.each([...files, ...moreFiles].map((file) => [file.habit, file] as const))(
  "told without a question, and the recipe reads every row from its own folder: %s",
  async (_, file) => {
    const folder = await folderWith(placed(file));
    const { recipe, home } = await made(folder, file.name);
    const { columns, promptTemplate } = recipe.data;
    const { prompt, completion, contexts = [], task } = file.expected;
    expect(columns).toEqual(prompt === undefined ? null : { prompt, completion });
    expect(recipe.task.kind).toBe(task);
    for (const context of contexts) expect(promptTemplate).toContain(`{${context}}`);
    if (contexts.length === 0) expect(promptTemplate).toBe("{prompt}");
    const { splits, findings } = await readSplits({ ...recipe.data, folder: home });
    expect(findings.filter(({ severity }) => severity !== "note")).toEqual([]);
    expect(splits.train.length).toBeGreaterThan(25);
    const turns = splits.train[0]?.messages ?? [];
    expect(turns.at(-1)?.role).toBe("assistant");
    expect(turns.at(-2)?.content.length).toBeGreaterThan(20);
  },
);

const articles = (name: (at: number) => string, count = 8): Record<string, string> =>
  Object.fromEntries(rows(count, (at) => [name(at), `${sentence(at)}\n\n${sentence(at + 60)}\n`]));

const documents: [string, Record<string, string>, string, object][] = [
  [
    "rows with a text",
    { "t.jsonl": lines(rows(20, (at) => ({ text: sentence(at), id: at }))) },
    "t.jsonl",
    {},
  ],
  [
    "another name",
    { "t.csv": table([["body", "url"], ...rows(20, (at) => [sentence(at), `u${at}`])]) },
    "t.csv",
    {
      textColumn: "body",
    },
  ],
  ["a folder of texts", articles((at) => `docs/${at}.txt`), "docs", {}],
  ["a folder of Markdown", articles((at) => `docs/${at}.md`), "docs", {}],
  ["few files", articles((at) => `docs/${at}.md`, 3), "docs", { sampleBy: "paragraph" }],
  [
    "one file",
    { "a.txt": rows(9, (at) => `${sentence(at)}\n\n`).join("") },
    "a.txt",
    { sampleBy: "paragraph" },
  ],
  ["lines", { "a.txt": rows(9, (at) => `${sentence(at)}\n`).join("") }, "a.txt", { sampleBy: "line" }],
];

test.each(documents)("text without prompts is documents: %s", async (_, content, name, data) => {
  const folder = await folderWith(content);
  const { recipe, home, proposals } = await made(folder, name);
  expect(recipe.task).toMatchObject({ kind: "language-modeling", metrics: ["perplexity", "bits_per_byte"] });
  expect(recipe.data).toMatchObject({ format: "text", textColumn: null, sampleBy: "document", ...data });
  expect(recipe.training.batching).toBe("pack");
  expect(proposals.find(({ key }) => key === "task.kind")?.why).toContain("continued pre-training");
  const { splits, findings } = await readSplits({ ...recipe.data, folder: home });
  expect(findings.filter(({ severity }) => severity !== "note")).toEqual([]);
  expect(splits.train.length).toBeGreaterThanOrEqual(4);
  expect(splits.train.every(({ isDocument }) => isDocument)).toBe(true);
});

const refused: [string, string, string, string | RegExp, string][] = [
  [
    "answers that are compared, and no word about which is better",
    "p.jsonl",
    lines(rows(20, (at) => ({ prompt: sentence(at), response_a: "Yes.", response_b: "No." }))),
    "DATA_PREFERENCE_PAIRS",
    "Name the better answer of each row chosen",
  ],
  [
    "compared answers without a prompt",
    "h.jsonl",
    lines(rows(20, (at) => ({ chosen: sentence(at), rejected: "No." }))),
    "INIT_ROWS_UNUSABLE",
    "tunewise init",
  ],
  [
    "prompts alone",
    "t.jsonl",
    lines(rows(20, (at) => ({ question: sentence(at) }))),
    "DATA_TEXT_ONLY",
    "columns: { prompt: NAME",
  ],
  [
    "two texts without a name",
    "n.csv",
    table([["alpha", "beta"], ...rows(20, (at) => [sentence(at), sentence(at + 50)])]),
    "INIT_COLUMNS_UNCLEAR",
    "--prompt alpha --completion",
  ],
  [
    "numbers alone",
    "m.csv",
    table([["a", "b"], ...rows(20, (at) => [String(at), String(at * 2)])]),
    "INIT_COLUMNS_UNCLEAR",
    "--prompt NAME",
  ],
  ["an empty table", "e.csv", "text,label\n", "INIT_ROWS_UNUSABLE", "tunewise init e.csv"],
  ["a damaged spreadsheet", "s.csv", "PK\u0003\u0004...", "DATA_FILE_UNREADABLE", "export s.csv again"],
  ["an xz file", "z.jsonl", "\u00fd7zXZ", "DATA_FILE_KIND", "unxz"],
];

test.each(refused)(
  "what cannot be trained on is said, and how to go on: %s",
  async (_, name, content, code, fix) => {
    const folder = await folderWith({ [name]: Buffer.from(content, name === "z.jsonl" ? "latin1" : "utf8") });
    const error = await made(folder, name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as { fix: string }).fix).toContain(fix);
  },
);

test.each<[string, (at: number) => object, string]>([
  [
    "pairs",
    (at) => ({ prompt: sentence(at), chosen: `Yes, ${sentence(at + 9)}`, rejected: "No." }),
    "of 30 rows",
  ],
  [
    "transcripts",
    (at) => ({
      chosen: `\n\nHuman: ${sentence(at)}\n\nAssistant: Yes.`,
      rejected: "\n\nHuman: a\n\nAssistant: No.",
    }),
    "of 30 rows",
  ],
  [
    "answers with a verdict",
    (at) => ({ prompt: sentence(at), completion: sentence(at + 9), label: at % 3 > 0 }),
    "of 20 rows; 10 rows without one are not",
  ],
])(
  "of preference data the chosen answers are offered, with a word that this is not all: %s",
  async (_, row, why) => {
    const folder = await folderWith({ "p.jsonl": lines(rows(30, row)) });
    const { recipe, home, text, proposals } = await made(folder, "p.jsonl");
    expect(recipe).toMatchObject({ data: { answers: "chosen", columns: null }, task: { kind: "text" } });
    expect(text).toContain("Training on preferences (DPO, KTO) is not available yet");
    expect(proposals.find(({ key }) => key === "data.answers")?.why).toContain(why);
    const { splits } = await readSplits({ ...recipe.data, folder: home });
    expect(splits.train[0]?.messages).toMatchObject([{ role: "user" }, { role: "assistant" }]);
  },
);

test("named columns take the better answers of preference data, which is what the user asks for then", async () => {
  const content = lines(rows(30, (at) => ({ prompt: sentence(at), chosen: `Yes ${at}.`, rejected: "No." })));
  const folder = await folderWith({ "p.jsonl": content });
  const { recipe, home } = await made(folder, "p.jsonl", { prompt: "prompt", completion: "chosen" });
  expect(recipe.data.columns).toEqual({ prompt: "prompt", completion: "chosen" });
  expect((await readSplits({ ...recipe.data, folder: home })).splits.train).toHaveLength(24);
});

test("one column that is named leaves the other to be found", async () => {
  const content = table([
    ["alpha", "beta", "kind"],
    ...rows(40, (at) => [sentence(at), sentence(at + 50), label(at)]),
  ]);
  const folder = await folderWith({ "n.csv": content });
  const { recipe } = await made(folder, "n.csv", { prompt: "beta" });
  expect(recipe.data.columns).toEqual({ prompt: "beta", completion: "kind" });
});

test("a test file without answers is not taken as one, and this is said", async () => {
  const folder = await folderWith({
    "train.csv": table([["text", "label"], ...rows(40, (at) => [sentence(at), label(at)])]),
    "test.csv": table([["text"], ...rows(20, (at) => [sentence(at)])]),
  });
  const { recipe, notes } = await made(folder, "train.csv");
  expect(recipe.data.test).toBeNull();
  expect(notes.join()).toContain("test.csv is not taken: 20 of its 20 rows have no answer");
});

test("a few rows that cannot be used are left out with a word, many are not", async () => {
  const good = rows(60, (at) => JSON.stringify({ prompt: sentence(at), completion: sentence(at + 1) }));
  const folder = await folderWith({
    "few.jsonl": [...good, "{broken"].join("\n"),
    "many.jsonl": [...good, ...rows(20, () => "{broken")].join("\n"),
  });
  const few = await made(folder, "few.jsonl");
  expect(few.recipe.data.badRows).toBe("skip");
  expect(few.proposals.find(({ key }) => key === "data.bad_rows")?.why).toContain(
    "1 of 61 rows cannot be used",
  );
  expect((await made(folder, "many.jsonl")).recipe.data.badRows).toBe("error");
});

test("rows longer than the default are not cut", async () => {
  const content = lines(rows(30, (at) => ({ prompt: sentence(at).repeat(80), completion: sentence(at) })));
  const folder = await folderWith({ "long.jsonl": content });
  expect((await made(folder, "long.jsonl")).recipe.data.maxLength).toBeGreaterThanOrEqual(2048);
});

test.each([
  [
    "a file that is not there",
    { data: "gone.csv" },
    "INIT_DATA_NOT_FOUND",
    "the current folder contains train.csv",
  ],
  ["a folder without training rows", { data: "other" }, "INIT_DATA_UNCLEAR", "a.csv, b.csv"],
  ["a model that is no id", { model: "nonsense" }, "MODEL_ID_INVALID", "owner/name"],
  ["a model's folder that is not there", { model: "./models/none" }, "MODEL_NOT_FOUND", "nothing there"],
  [
    "a column that is not there",
    { prompt: "txt", completion: "label" },
    "DATA_COLUMN_MISSING",
    "text, label",
  ],
])("%s is an error", async (_, more, code, said) => {
  const folder = await folderWith({
    "train.csv": table([["text", "label"], ...rows(40, (at) => [sentence(at), label(at)])]),
    "other/a.csv": "a\n",
    "other/b.csv": "b\n",
  });
  const error = await made(folder, "train.csv", more).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
});

test("model, method, machine and budget are proposed with a sentence each; what is said is kept", async () => {
  const content = table([["text", "label"], ...rows(40, (at) => [sentence(at), label(at)])]);
  const folder = await folderWith({ "train.csv": content, "base/config.json": "{}" });
  const { proposals, recipe } = await made(folder, "train.csv", {
    model: "base",
    usdPerHour: 0.5,
    budgetUsd: 2,
  });
  expect(proposals.map(({ key }) => key)).toEqual([
    ...["data.train", "data.columns", "task.kind"],
    ...["model", "method.kind", "machine.usd_per_hour", "budget.usd"],
  ]);
  for (const { why } of proposals) expect(why.length).toBeGreaterThan(5);
  expect(recipe).toMatchObject({
    model: { source: "../../base" },
    machine: { usdPerHour: 0.5 },
    budget: { usd: 2, minutes: null },
    data: { train: "../../train.csv" },
  });
});

const golden = fileURLToPath(new URL("../../../../../test/conformance/golden/dataset/", import.meta.url));

test.each([
  ["saved", "saved/train/", "saved/validation/", "saved/test/"],
  ["hub", "hub/data/train-*-of-00002.parquet", null, "hub/data/test-00000-of-00001.parquet"],
  [
    "hub/data/train-00001-of-00002.parquet",
    "hub/data/train-*-of-00002.parquet",
    null,
    "hub/data/test-00000-of-00001.parquet",
  ],
  ["saved/train", "saved/train/data-*-of-00002.arrow", null, null],
])("the parts of a data set in a folder: %s", async (data, train, validation, heldOut) => {
  const { recipe, home } = await made(golden, data);
  const named = (path: string | null) => path && `../../${path}`;
  expect(recipe.data).toMatchObject({
    train: named(train),
    validation: named(validation),
    test: named(heldOut),
  });
  const { splits } = await readSplits({ ...recipe.data, folder: home });
  expect(
    splits.train.length + (validation ? 0 : splits.validation.length) + (heldOut ? 0 : splits.test.length),
  ).toBe(12);
});

/** A data set as on the hub: rows in files whose names do not tell the part, and a README that does. */
async function described(configs: string): Promise<string> {
  const rows = Array.from({ length: 6 }, (_, at) => `{"prompt": "p${at}", "completion": "c${at}"}\n`).join(
    "",
  );
  return folderWith({
    "rows/a-1.jsonl": rows,
    "rows/a-2.jsonl": rows,
    "rows/b.jsonl": rows,
    "other/c.jsonl": rows,
    "README.md": `---\nlicense: mit\nconfigs:\n${configs}\n---\n# Rows\n`,
  });
}

test("the parts that a README lists, of its default configuration", async () => {
  const folder = await described(
    `- config_name: rest
  data_files: other/c.jsonl
- config_name: main
  default: true
  data_files:
  - split: train
    path: rows/a-*
  - split: test
    path: [rows/b.jsonl]`,
  );
  const { recipe } = await made(folder, ".");
  expect(recipe.data).toMatchObject({
    train: "../../rows/a-*.jsonl",
    validation: null,
    test: "../../rows/b.jsonl",
  });
});

test.each([
  ["- config_name: x\n  data_files: other/c.jsonl\n- config_name: y\n  data_files: rows/b.jsonl", "x, y"],
  ["- data_files: ../../etc/*.json", "no file of rows"],
  ["- data_files: [1, {}]\n- nothing", "no file of rows"],
])("a README that names no training rows, or several: %j", async (configs, files) => {
  await expect(made(await described(configs), ".")).rejects.toMatchObject({
    code: "INIT_DATA_UNCLEAR",
    message: expect.stringContaining(files),
  });
});
