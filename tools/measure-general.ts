/**
 * @file `npx tsx tools/measure-general.ts [MODEL]`: evaluates a base model on the data in `data/general`.
 *
 * Prints the share of right answers by kind, the perplexity, and the cost of the evaluation in tokens and seconds.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EncodedRow } from "@tunewise/core/rows";
import { readChoices, readTexts } from "@tunewise/datacheck/dataset";
import { type LanguageModel, openModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { encodeChoices, encodeTexts } from "../packages/tunewise/src/encode/index.ts";
import {
  type ChoiceOutcome,
  comparePerplexity,
  scoreChoices,
} from "../packages/tunewise/src/evaluate/index.ts";
import { findModel } from "../packages/tunewise/src/prepare/find-model.ts";
import { createRuntime } from "../packages/tunewise/src/runtime/runtime.ts";

const runtime = createRuntime(process.cwd(), new AbortController().signal, "0.0.0");
const files = await findModel(
  process.argv[2] ?? "HuggingFaceTB/SmolLM2-135M-Instruct",
  "main",
  runtime.cwd,
  runtime,
);
const tokenizer = createTokenizer(files.tokenizer);
const model = await openModel(files, { threads: runtime.cores });
const limits = { contextLength: model.contextLength, vocabulary: model.vocabularySize };
try {
  await measureChoices();
  await measureTexts();
} finally {
  await model.close();
  await files.weights.close();
}

async function measureChoices(): Promise<void> {
  const path = pathOf("choices.jsonl");
  const { items } = encodeChoices((await readChoices(path, path)).items, path, tokenizer, limits);
  const rows = items.flatMap((item) => item.rows);
  const { losses, told } = await timed(rows);
  let at = 0;
  const nll = items.map((item) => item.rows.map(() => losses[at++]?.nll ?? Number.NaN));
  const outcomes = scoreChoices(items, nll);
  const kinds = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  const chance = items.reduce((sum, { rows: choices }) => sum + 1 / choices.length, 0) / items.length;
  print(`choices: ${told}, chance ${percent(chance)}`);
  print(`  by length ${share(outcomes, "isRight")}, plain ${share(outcomes, "isRightPlain")}`);
  for (const kind of new Set(kinds)) {
    const some = outcomes.filter((_, item) => kinds[item] === kind);
    print(`  ${kind}: ${some.filter(({ isRight }) => isRight).length} of ${some.length}`);
  }
}

async function measureTexts(): Promise<void> {
  const path = pathOf("text.jsonl");
  const { items } = encodeTexts((await readTexts(path, path)).items, path, tokenizer, limits);
  const { losses, told } = await timed(items);
  print(`documents: ${told}, perplexity ${comparePerplexity(losses, losses).base.toFixed(2)}`);
}

async function timed(
  rows: readonly EncodedRow[],
): Promise<{ losses: Awaited<ReturnType<LanguageModel["losses"]>>; told: string }> {
  const before = runtime.elapsedSeconds();
  const losses = await model.losses(null, rows);
  const seconds = (runtime.elapsedSeconds() - before).toFixed(1);
  return { losses, told: `${rows.reduce((sum, { ids }) => sum + ids.length, 0)} tokens in ${seconds} s` };
}

function share(outcomes: readonly ChoiceOutcome[], key: "isRight" | "isRightPlain"): string {
  return percent(outcomes.filter((outcome) => outcome[key]).length / outcomes.length);
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../data/general/${name}`, import.meta.url));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
