/** @file The cleaned copy: dropped rows, redacted rows, rows that stay byte-identical, and unchanged originals. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectRows } from "@tunewise/datacheck";
import { readSplits } from "@tunewise/datacheck/dataset";
import { expect, onTestFinished, test } from "vitest";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { DataCheck } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { FileStamps } from "./file-stamps.ts";
import { fixData } from "./fix-data.ts";

const row = (prompt: string, completion: string): string =>
  `{"prompt":  ${JSON.stringify(prompt)}, "completion": ${JSON.stringify(completion)}}`;
const mail = ["jo.ann", "corp-mail.io"].join("@");

async function cleaned(
  train: string | Readonly<Record<string, string>>,
  test: string,
  target = "cleaned",
  {
    stamps = new Map(),
    sources = null,
    refused = [],
  }: {
    readonly stamps?: FileStamps;
    readonly sources?: string | null;
    readonly refused?: DataCheck["refused"];
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-fix-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = typeof train === "string" ? "train.jsonl" : "rows/";
  const files = typeof train === "string" ? { "train.jsonl": train } : train;
  if (source === "rows/") await mkdir(join(folder, "rows"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await writeFile(join(folder, "test.jsonl"), test);
  const text = `name: fix\nmodel: a/b\ndata: { ${sources ?? `train: ${source}`}, test: test.jsonl, split: { validation: 0 } }\n`;
  const { recipe } = readRecipe(text, "tunewise.yaml");
  if (recipe === null) throw new Error("the recipe is wrong");
  const { splits } = await readSplits({ ...recipe.data, badRows: "skip", folder });
  const observations = await inspectRows(splits, { labels: false, depth: "full", benchmarks: new Map() });
  const loaded = { recipe, folder, findings: [] } as unknown as LoadedRecipe;
  const runtime = { signal: new AbortController().signal } as Runtime;
  const result = await fixData(loaded, runtime, { observations, refused, stamps }, target);
  const lines = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, target, name), "utf8")).split("\n").filter((line) => line !== "");
  return { folder, result, lines };
}

const train = [
  row("What is the height of the tower in the middle of the town?", "Forty metres."),
  row("what is the HEIGHT of the tower in the middle of the town", "Forty metres."),
  row("Which bird sings at night in the garden behind the old house?", "The nightingale."),
  "this is no row",
  row("How can I reach the office of the mayor on a Monday morning?", `Write to ${mail} and wait.`),
].join("\n");
const held = row("Which bird sings at night, in the garden behind the old house?", "The nightingale.");

test("the files of a folder become one copy, and each line of the log names its file", async () => {
  const lines = train.split("\n");
  const [first, second] = [lines.slice(0, 1).join("\n"), lines.slice(1).join("\n")];
  const { result, lines: written } = await cleaned({ "rows/a.jsonl": first, "rows/b.jsonl": second }, held);
  expect(result.files[0]).toEqual({
    part: "train",
    from: "rows/",
    to: join("cleaned", "train.jsonl"),
    rows: 2,
    dropped: 3,
    moved: 1,
    unusable: join("cleaned", "train-unusable.jsonl"),
    redacted: 1,
  });
  const log = (await written("fixes.jsonl")).map((line) => JSON.parse(line));
  expect(log.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    "rows/b.jsonl:1 DATA_DUPLICATE_ROWS",
    "rows/b.jsonl:2 DATA_LEAK",
    "rows/b.jsonl:3 DATA_JSON_INVALID",
    "rows/b.jsonl:4 DATA_PERSONAL",
  ]);
});

test("each source of a mix becomes a copy, and the recipe's line keeps weights and limits", async () => {
  const lines = train.split("\n");
  const files = { "rows/a.jsonl": lines.slice(0, 1).join("\n"), "rows/b.jsonl": lines.slice(1).join("\n") };
  const mix = "mix: [{ file: rows/a.jsonl, weight: 1 }, { file: rows/b.jsonl, weight: 3, rows: 9 }]";
  const { result, lines: written } = await cleaned(files, held, "cleaned", { sources: mix });
  expect(result.files.map(({ from, to, rows }) => `${from} ${to} ${rows}`)).toEqual([
    "rows/a.jsonl cleaned/train-1.jsonl 1",
    "rows/b.jsonl cleaned/train-2.jsonl 1",
    "test.jsonl cleaned/test.jsonl 1",
  ]);
  expect(result.settings).toEqual([
    "test: cleaned/test.jsonl",
    "mix: [{ file: cleaned/train-1.jsonl, weight: 1 }, { file: cleaned/train-2.jsonl, weight: 3, rows: 9 }]",
  ]);
  expect(await written("train-2.jsonl")).toHaveLength(1);
});

test("repeats and twins of held-out rows go, secrets are redacted, the rest stays as it is written", async () => {
  const { folder, result, lines } = await cleaned(train, held);
  expect(result.files).toEqual([
    {
      part: "train",
      from: "train.jsonl",
      to: join("cleaned", "train.jsonl"),
      rows: 2,
      dropped: 3,
      moved: 1,
      unusable: join("cleaned", "train-unusable.jsonl"),
      redacted: 1,
    },
    {
      part: "test",
      from: "test.jsonl",
      to: join("cleaned", "test.jsonl"),
      rows: 1,
      dropped: 0,
      moved: 0,
      unusable: null,
      redacted: 0,
    },
  ]);
  expect(await lines("train-unusable.jsonl")).toEqual(["this is no row"]);
  const [kept, redacted] = await lines("train.jsonl");
  expect(kept).toBe(train.split("\n")[0]);
  expect(redacted).not.toContain(mail);
  expect(JSON.parse(redacted ?? "").completion).toMatch(/^Write to <EMAIL_\d+> and wait\.$/);
  expect(await lines("test.jsonl")).toEqual([held]);
  const log = (await lines("fixes.jsonl")).map((line) => JSON.parse(line));
  expect(log.map(({ line, action, code }) => [line, action, code])).toEqual([
    [2, "drop", "DATA_DUPLICATE_ROWS"],
    [3, "drop", "DATA_LEAK"],
    [4, "move", "DATA_JSON_INVALID"],
    [5, "redact", "DATA_PERSONAL"],
  ]);
  expect(JSON.stringify(log)).not.toContain(mail);
  expect(await readFile(join(folder, "train.jsonl"), "utf8")).toBe(train);
  expect((await readdir(folder)).sort()).toEqual(["cleaned", "test.jsonl", "train.jsonl"]);
});

test("training rows that leak go, also those that another one was nearer than; doubtful ones stay", async () => {
  const asked =
    "Which of the many lamps in the old lighthouse on the northern cape burns the longest at night?";
  const passage = `${asked} It is said that the keeper of the harbour asked this question every single evening.`;
  const words = Array.from({ length: 60 }, (_, at) => `amber${at}`)
    .join(" ")
    .split(" ");
  const filler = words.map((word, at) =>
    row(`Tell me ${word} number ${at} about ${word}s, ${word} by ${word}.`, word),
  );
  const { result, lines } = await cleaned(
    [
      row(asked.replace("longest", "brightest"), "The red one."),
      row(asked.replace("cape", "coast"), "The red one."),
      row(passage, "A story."),
      row(`Please, ${asked}`, "The green one."),
      row(asked.replace("lighthouse", "museum"), "The brass one."),
      ...filler,
    ].join("\n"),
    row(asked, "The red one."),
  );
  expect(result.files[0]).toMatchObject({ rows: 62, dropped: 3 });
  expect(result.removed).toEqual([
    { code: "DATA_LEAK_NEAR", rows: 2 },
    { code: "DATA_LEAK_CONTAINED", rows: 1 },
  ]);
  const left = (await lines("train.jsonl")).map((line) => JSON.parse(line).completion);
  expect(left.slice(0, 2)).toEqual(["The green one.", "The brass one."]);
  const log = (await lines("fixes.jsonl")).map((line) => JSON.parse(line));
  expect(log.map(({ line, code }) => [line, code])).toEqual([
    [1, "DATA_LEAK_NEAR"],
    [2, "DATA_LEAK_NEAR"],
    [3, "DATA_LEAK_CONTAINED"],
  ]);
});

test("rows that the template rejects go to a file of their own, as they were", async () => {
  const place = { file: "train.jsonl", row: 3, line: 3 };
  const reason = "message 1 (system): no system turn";
  const refused = [{ code: "DATA_TEMPLATE_REFUSED", reason, place }] as const;
  const { result, lines } = await cleaned(train, held.replace("bird", "fish"), "cleaned", { refused });
  expect(result.files[0]).toMatchObject({ rows: 2, dropped: 3, moved: 2 });
  expect(result.removed).toContainEqual({ code: "DATA_TEMPLATE_REFUSED", rows: 1 });
  expect(await lines("train-unusable.jsonl")).toEqual(train.split("\n").slice(2, 4));
  const log = (await lines("fixes.jsonl")).map((line) => JSON.parse(line));
  expect(log.find(({ line }) => line === 3)).toMatchObject({ action: "move", reason });
});

test("an earlier copy is not replaced", async () => {
  const failed = await cleaned(train, held, ".").catch((error: unknown) => error);
  expect(TunewiseError.is(failed) && failed.code).toBe("CHECK_TARGET_TAKEN");
});

test("a file that is not what was checked gives no copy, and nothing is left behind", async () => {
  const stamps = new Map([["train.jsonl", "12 0"]]);
  const failed = await cleaned(train, held, "cleaned", { stamps }).catch((error: unknown) => error);
  expect(TunewiseError.is(failed) && [failed.code, failed.message]).toEqual([
    "CHECK_DATA_CHANGED",
    "train.jsonl changed since the check, so no copy was written",
  ]);
});
