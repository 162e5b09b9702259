/**
 * One run as reported by `check`, `run`, `runs show`, `try`, the page and the reports. The test extracts every number
 * with a known label; a label must have the same number everywhere.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Usd, usdText } from "@tunewise/core/quantity";
import { findTrackedRun, openTrackingContext, storePath } from "@tunewise/tracker";
import { beforeAll, expect, test } from "vitest";
import { readRunDetails } from "../../packages/tunewise/src/app/dashboard/index.ts";
import { project, recipe, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

/** Patterns of labeled numbers in sentences. They also match new sentences with the same labels. */
const sentences: readonly (readonly [label: string, pattern: RegExp])[] = [
  ["leaked test rows", /([\d,]+) of [\d,]+ test rows? also appears? in training/g],
  ["test rows", /[\d,]+ of ([\d,]+) test rows? also appears? in training/g],
  ["test rows", /(?:The|the) ([\d,]+) test rows were scored/g],
  ["tuned json_match, %", /[Tt]uned (?:model )?(?:gets|scores) ([\d.]+) %/g],
  ["base json_match, %", /the base model (?:scores )?([\d.]+) %/g],
  ["cost of the run", /\bcost (\$[\d.]+)(?: of a|,)/g],
  ["cost of the run", /(\$[\d.]+) spent/g],
  ["stopped at step", /\(step (\d+) of \d+\)/g],
];

/** Labels of numbers in JSON documents, by the end of their path; `readScore` reads scores. */
const keys: Readonly<Record<string, string>> = {
  "memory.rows": "leaked test rows",
  "memory.of": "test rows",
  "seen.rows": "leaked test rows",
  "seen.of": "test rows",
  seen_rows: "leaked test rows",
  test_rows: "test rows",
  "budget.spentUsd": "cost of the run",
  "run.spentMicroUsd": "cost of the run",
  "page.spentMicroUsd": "cost of the run",
};

type Found = Map<string, Map<string, string[]>>;

/** Records a number under its label with its source. */
function note(found: Found, label: string, value: string, place: string): void {
  const values = found.get(label) ?? new Map<string, string[]>();
  values.set(value, [...(values.get(value) ?? []), place]);
  found.set(label, values);
}

function readText(found: Found, place: string, text: string): void {
  const plain = text
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\u00a0/g, " ")
    .replace(/\s+/g, " ");
  for (const [label, pattern] of sentences)
    for (const [, value = ""] of plain.matchAll(pattern))
      note(found, label, value.replaceAll(",", ""), place);
}

function readDocument(found: Found, place: string, value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string") readText(found, place, value);
  if (typeof value === "number") readNumber(found, place, value, path);
  if (typeof value !== "object" || value === null) return;
  readScore(found, place, value as Record<string, unknown>, path);
  for (const [key, part] of Object.entries(value)) readDocument(found, place, part, [...path, key]);
}

function readNumber(found: Found, place: string, value: number, path: readonly string[]): void {
  const label = keys[path.slice(-2).join(".")] ?? keys[path.at(-1) ?? ""];
  if (label === undefined) return;
  note(found, label, label.startsWith("cost") ? usdText(value as Usd) : String(value), place);
}

/** Reads a score in any of the document formats: `{ arm | line, metric, value }`, or tuned next to base. */
function readScore(
  found: Found,
  place: string,
  part: Record<string, unknown>,
  path: readonly string[],
): void {
  const percent = (value: unknown): string => (100 * Number(value)).toFixed(1);
  const { metric, arm, line, value, tuned, base, scores } = part;
  if (metric === "json_match" && (arm === "tuned" || arm === "base"))
    note(found, `${arm} json_match, %`, percent(value), place);
  if (metric === "json_match" && typeof tuned === "object" && tuned !== null && path.includes("scores")) {
    note(found, "tuned json_match, %", percent((tuned as { value: number }).value), place);
    if (base) note(found, "base json_match, %", percent((base as { value: number }).value), place);
  }
  if (line === "tuned" && Array.isArray(scores))
    for (const one of scores as { metric: string; value: number }[])
      if (one.metric === "json_match") note(found, "tuned json_match, %", percent(one.value), place);
}

const found: Found = new Map();

beforeAll(async () => {
  const text = recipe(
    "evaluation: { max_new_tokens: 24, memorization: 0 }\ncomparison:\n  - { model: base }\n  - { model: tuned }\n",
  )
    .replace("evaluation: { max_new_tokens: 8 }\n", "")
    .replace("metrics: [json_valid, json_match, perplexity]", "metrics: [json_match]")
    .replace("learning_rate: 3e-3", "learning_rate: 2e-2")
    .replace("checks: { depth: exact }\n", "")
    .replace("steps: 8", "steps: 16")
    .replace("test: 8 }", "test: 24 }");
  const folder = project("story", text);
  leak(folder, 5);
  const json = (...words: string[]): unknown => {
    const { out, err } = tunewise(folder, ...words, "--json");
    const start = out.lastIndexOf("\n{\n") + 1; // one document; `run` prints one event per line
    const last = words[0] === "run" ? out.trim().split("\n").at(-1) : out.slice(start);
    expect(last, err).toBeTruthy();
    return JSON.parse(last ?? "");
  };
  readDocument(found, "check --json", json("check"));
  readText(found, "check", tunewise(folder, "check").out);
  readDocument(found, "run --json", json("run", "--yes"));
  readText(found, "runs show", tunewise(folder, "runs", "show", "latest").out);
  readDocument(found, "runs show --json", json("runs", "show", "latest"));
  const output = join(folder, ".tunewise");
  const [id = ""] = readdirSync(join(output, "runs"));
  for (const name of ["report.md", "report.html"])
    readText(found, name, readFileSync(join(output, "runs", id, name), "utf8"));
  const runtime = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext(
    { store: storePath(output), artifacts: join(output, "artifacts") },
    runtime,
  );
  const run = await findTrackedRun(context.database, id);
  readDocument(found, "page", { page: await readRunDetails({ ...context, output }, run, true) });
  await context.close();
  readDocument(found, "try --json", json("try", "--yes"));
  const tried = readdirSync(join(output, "runs")).find((name) => name.includes("-arms-")) ?? "";
  readText(found, "report.md of the try", readFileSync(join(output, "runs", tried, "report.md"), "utf8"));
}, 600_000);

/** Adds near copies of training rows to the test rows. */
function leak(folder: string, count: number): void {
  const train = readFileSync(join(folder, "train.jsonl"), "utf8").split("\n").slice(0, count);
  const test = readFileSync(join(folder, "test.jsonl"), "utf8");
  const near = train.map((line) => line.replace(/("role": ?"user", ?"content": ?")/, "$1Well, "));
  writeFileSync(join(folder, "test.jsonl"), `${near.join("\n")}\n${test}`);
}

test.each([
  ["leaked test rows", 5],
  ["test rows", 4],
  ["tuned json_match, %", 5],
  ["base json_match, %", 4],
  ["cost of the run", 4],
])("%s: at least %i surfaces state it", (label, surfaces) => {
  const places = new Set([...(found.get(label)?.values() ?? [])].flat());
  expect([...places].length, `${label}: ${[...places].join(", ")}`).toBeGreaterThanOrEqual(surfaces);
});

test("a number that two surfaces state is the same", () => {
  const conflicts = [...found].flatMap(([label, values]) =>
    values.size > 1
      ? [
          `${label}: ${[...values].map(([value, at]) => `${value} in ${[...new Set(at)].join(", ")}`).join("; ")}`,
        ]
      : [],
  );
  expect(conflicts).toEqual([]);
});
