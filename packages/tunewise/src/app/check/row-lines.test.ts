/**
 * @file The `file:line` of a finding points to the row in every file format: in the finding, in SARIF, and in the log
 * of a cleaned copy.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectRows } from "@tunewise/datacheck";
import { readSplits } from "@tunewise/datacheck/dataset";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, onTestFinished, test } from "vitest";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { placeText } from "../../problem/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { type DataCheck, sarifOf } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { fixData } from "./fix-data.ts";

const rows = [
  {
    prompt: "Which bridge crosses the river\nin the old town of Orvieto?",
    completion: "The lower one.\n\nMostly.",
  },
  { prompt: 'Who wrote "The Long Harbour", and when was it printed?', completion: "Nobody knows." },
  { prompt: "How tall is the northern lighthouse of the island?", completion: "Forty metres." },
  { prompt: "How tall is the northern lighthouse of the island?", completion: "Forty metres." },
];
const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const table = rows.map(({ prompt, completion }) => `${cell(prompt)},${cell(completion)}`);

const files: [string, string, string][] = [
  ["CSV with breaks in its cells", "train.csv", ["prompt,completion", ...table, ""].join("\n")],
  ["CSV with Windows' line ends", "train.csv", `\ufeff${["prompt,completion", ...table, ""].join("\r\n")}`],
  ["CSV with empty lines", "train.csv", ["prompt,completion", "", ...table].join("\n\n")],
  ["an indented JSON array", "train.json", JSON.stringify(rows, null, 2)],
  ["a list within a JSON document", "train.json", JSON.stringify({ version: [1, "]"], data: rows }, null, 1)],
  [
    "a JSON array, one row a line",
    "train.json",
    `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`,
  ],
  ["JSON lines with empty ones", "train.jsonl", rows.map((row) => JSON.stringify(row)).join("\n\n")],
];

async function checked(name: string, content: string | Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-lines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), content);
  const text = `name: a\nmodel: a/b\ndata: { train: ${name}, split: { validation: 0, test: 0 } }\n`;
  const { recipe } = readRecipe(text, "tunewise.yaml");
  if (recipe === null) throw new Error("the recipe is wrong");
  const { splits } = await readSplits({ ...recipe.data, folder });
  const observations = await inspectRows(splits, { labels: false, depth: "full", benchmarks: new Map() });
  const repeat = observations.find(({ finding }) => finding.code === "DATA_DUPLICATE_ROWS");
  const runtime = { signal: new AbortController().signal } as Runtime;
  const check = { observations, refused: [], stamps: new Map() };
  await fixData({ recipe, folder } as LoadedRecipe, runtime, check, "cleaned");
  const log = (await readFile(join(folder, "cleaned", "fixes.jsonl"), "utf8")).trim().split("\n");
  const findings = observations.map(({ finding }) => finding);
  const whole = { name: "a", recipe: "tunewise.yaml", findings, observations } as unknown as DataCheck;
  const sarif = JSON.stringify(sarifOf(whole, "1", { folder, root: folder }));
  return { repeat, log: log.map((line) => JSON.parse(line)), sarif: JSON.parse(sarif).runs[0].results };
}

test.each(files)("file:line is a line of the file: %s", async (_, name, content) => {
  const { repeat, log, sarif } = await checked(name, content);
  const lines = content.split("\n");
  // A pretty-printed row starts with its bracket, so its text is on the next line.
  const textAt = (line: number): string => `${lines[line - 1]}\n${lines[line]}`;
  const evidence = repeat?.evidence[0];
  expect(evidence?.place).toMatchObject({ file: name, row: 4 });
  for (const place of [evidence?.place, evidence?.other])
    expect(textAt(place?.line ?? 0)).toContain("northern lighthouse");
  expect(evidence?.place.line).toBeGreaterThan(evidence?.other?.line ?? 0);
  expect(repeat?.finding.detail).toContain(`${name}:${evidence?.place.line}`);
  const told = sarif.find((one: { ruleId: string }) => one.ruleId === "DATA_DUPLICATE_ROWS");
  expect(told.locations[0].physicalLocation.region).toEqual({ startLine: evidence?.place.line });
  expect(log).toEqual([expect.objectContaining({ row: 4, line: evidence?.place.line, action: "drop" })]);
});

test("rows that share a line are told apart by their columns, and a fix takes the right one", async () => {
  const content = JSON.stringify(rows);
  const { repeat, log } = await checked("train.json", content);
  const { place } = repeat?.evidence[0] ?? {};
  expect(place).toEqual({
    file: "train.json",
    row: 4,
    line: 1,
    column: content.lastIndexOf('{"prompt"') + 1,
  });
  expect(log).toEqual([expect.objectContaining({ row: 4, action: "drop" })]);
});

test("a Parquet file has no lines: rows are told by their number, and SARIF names no line", async () => {
  const column = (name: "prompt" | "completion") => ({ name, data: rows.map((row) => row[name]) });
  const buffer = parquetWriteBuffer({ columnData: [column("prompt"), column("completion")] });
  const { repeat, log, sarif } = await checked("train.parquet", new Uint8Array(buffer));
  expect(repeat?.finding.detail).toContain("first train.parquet row 4 as train.parquet row 3");
  expect(repeat?.evidence.map(({ place }) => placeText(place))).toEqual(["train.parquet row 4"]);
  const told = sarif.find((one: { ruleId: string }) => one.ruleId === "DATA_DUPLICATE_ROWS");
  expect(told.locations[0].physicalLocation).not.toHaveProperty("region");
  expect(told.message.text).toContain("row 4");
  expect(log).toEqual([expect.not.objectContaining({ line: expect.anything() })]);
});
