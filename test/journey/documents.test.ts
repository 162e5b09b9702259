/**
 * @file Plain text: from a folder of text files by init to a check, a plan, a run with perplexity by document, and a
 * text that is continued.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runFolder, tunewise } from "../support/run-projects.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-documents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
const wholeText = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
const asLine = (text: string): string => text.replace(/\s+/g, " ");

/** Sentences that the small model has not seen, different in each document. */
const page = (at: number): string =>
  Array.from(
    { length: 6 + (at % 5) },
    (_, line) => `Page ${at}: valve ${line} of pump ${at % 7} opens slowly.`,
  ).join("\n");

beforeAll(() => {
  mkdirSync(join(folder, "manual"));
  for (let at = 0; at < 30; at++) writeFileSync(join(folder, "manual", `page-${at}.txt`), `${page(at)}\n`);
  writeFileSync(join(folder, "manual", "README.md"), "# Not a page\n");
});

test("init recognizes a folder of texts without a question, and says what the training is for", () => {
  const { code, err } = tunewise(folder, "init", "manual", "--model", resolve("models/small"));
  expect(code, err).toBe(0);
  expect(asLine(err)).toContain("30 rows of plain text");
  expect(asLine(err)).toContain("continued pre-training");
  const written = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  expect(written).toMatch(/^ {2}train: manual\/$/m);
  expect(written).toMatch(/^ {2}kind: language-modeling$/m);
  expect(written).toMatch(/^ {2}batching: pack /m);
});

test("check and data show count documents, blocks and tokens", () => {
  writeFileSync(
    join(folder, "tunewise.yaml"),
    `name: manual
model: ${resolve("models/small")}
data: { train: manual/, max_length: 128 }
task: { kind: language-modeling }
method: { kind: lora, rank: 4 }
training: { batching: pack, steps: 8, batch_size: 2, learning_rate: 3e-3, precision: fp32, seed: 3 }
forgetting: { measure: false }
evaluation: { memorization: 0 }
machine: { usd_per_hour: 0.5, source: the test, threads: 1 }
budget: { minutes: 10 }
`,
  );
  const check = tunewise(folder, "check");
  expect(check.code, check.out).toBe(0);
  expect(check.out).toContain("DATA_TOO_LITTLE_TEXT");
  const shown = JSON.parse(tunewise(folder, "data", "show", "--json").out);
  const { documents, rows, labelledTokens, tokens, truncated, dropped } = shown.summary.statistics;
  expect({ documents, truncated, dropped }).toEqual({ documents: 24, truncated: 0, dropped: 0 });
  expect(rows).toBeGreaterThan(24);
  expect(labelledTokens).toBe(tokens - rows);
  expect(shown.row.blocks).toBeGreaterThan(1);
});

test("settings about answers are conflicts, and try says why it does not apply", () => {
  const text = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  writeFileSync(join(folder, "answers.yaml"), text.replace("max_length", "system: Be brief., max_length"));
  const conflict = tunewise(folder, "check", "answers.yaml");
  expect([conflict.code, asLine(conflict.err)]).toEqual([
    64,
    expect.stringContaining("without a chat template"),
  ]);
  const tried = tunewise(folder, "try", "--yes");
  expect([tried.code, asLine(tried.err)]).toEqual([64, expect.stringContaining("TRY_DOCUMENTS")]);
});

test("a run reports perplexity and bits per byte by document, and what a compressor needs", () => {
  const plan = tunewise(folder, "plan", "--json");
  const { schedule } = JSON.parse(plan.out).plan;
  const { code, out, err } = tunewise(folder, "run", "--yes", "--json");
  expect([code, err], out.slice(-2000)).toEqual([0, ""]);
  const path = runFolder(folder);
  const report = asLine(readFileSync(join(path, "report.md"), "utf8"));
  for (const text of [
    "on 3 rows (lower is better)",
    "Brotli",
    "do not show that it answers questions better",
  ])
    expect(report).toContain(text);
  // the pages are filled templates, which a compressor predicts better than a small model
  expect(report).toContain("this model is not useful");
  const { scores } = JSON.parse(tunewise(folder, "runs", "show", "latest", "--json").out);
  const scoreOf = (arm: string, metric: string): number =>
    scores.find((one: { arm: string; metric: string }) => one.arm === arm && one.metric === metric).value;
  for (const metric of ["perplexity", "bits_per_byte"])
    expect(scoreOf("tuned", metric)).toBeLessThan(scoreOf("base", metric));
  expect(scoreOf("compression", "bits_per_byte")).toBeLessThan(scoreOf("tuned", "bits_per_byte"));
  expect(report).toContain(wholeText(schedule.tokens));
});

test("generate continues a text instead of answering it", () => {
  const words = ["model", "generate", "latest", "Page 3: valve", "--max-tokens", "8"];
  const { code, out, err } = tunewise(folder, ...words);
  expect([code, err]).toEqual([0, expect.stringContaining("continues the text")]);
  expect(out.trim()).not.toBe("");
  expect(JSON.parse(tunewise(folder, ...words, "--json").out)).toMatchObject({ is_continuation: true });
});
