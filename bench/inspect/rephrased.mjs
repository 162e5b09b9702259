/**
 * @file Recall on published rephrasings of GSM8K questions, planted among its training rows with answers of a model,
 *   and false positives on clean halves. The collections are not shipped; each is a checkout of its repository:
 *
 *     npx tsx bench/inspect/rephrased.mjs --data ../shared/data --plus GSM-Plus --lmsys llm-decontaminator --dice DICE
 *
 * `--model FOLDER --vectors FOLDER` also compares vectors of an embedding model, which are cached in the second folder;
 * `--known 3000` uses only the first training rows, because vectors take long.
 *
 * `--sets FILE,...` measures other collections: JSON with `train` and `test` as [prompt, answer], and `planted` as
 * [test row, prompt, answer].
 *
 * `qtli/GSM-Plus` (300 questions, "problem understanding"; answers of GPT-4 and GPT-3.5 to the originals),
 * `lm-sys/llm-decontaminator` (1,319 questions) and `THU-KEG/DICE` (questions and answers; rows are paired in order by
 * their final number, because the file lacks some).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEmbedder } from "@tunewise/engine";
import { findParaphrases } from "../../packages/datacheck/src/paraphrase/find-paraphrases.ts";
import { folderEmbedder, VectorCache } from "../../packages/tunewise/src/prepare/index.ts";
import { nearTexts } from "../../packages/tunewise/src/prepare/row-vectors.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { randomFrom } from "./planted.mjs";

const text = { type: "string" };
const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    plus: text,
    lmsys: text,
    dice: text,
    model: text,
    vectors: text,
    known: text,
    sets: text,
  },
});
const linesOf = (path) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const plain = (words) => words.toLowerCase().replaceAll(/\W+/g, " ").trim();
const lastNumber = (answer) =>
  answer
    .replaceAll(",", "")
    .match(/-?\d[\d.]*/g)
    ?.at(-1)
    ?.replace(/\.$/, "") ?? "";

const [all, test] = ["train", "test"].map((part) => linesOf(join(values.data, `gsm8k/${part}.jsonl`)));
const train = all.slice(0, Number(values.known ?? all.length));
const near = values.model === undefined ? undefined : await openNear(values.model, values.vectors);
const rowOf = new Map(test.map(({ question }, row) => [plain(question), row]));

if (values.plus !== undefined) await measure("GSM-Plus", plusRows());
if (values.plus !== undefined && values.lmsys !== undefined)
  await measure("llm-decontaminator", decontaminatorRows());
if (values.dice !== undefined) await measure("DICE", diceRows());
if (values.sets === undefined) {
  await clean("GSM8K as published", train, test);
  await clean("GSM8K, halves of training", ...halves(train));
  const bankingRows = csvOf(join(values.data, "banking77/train.csv")).map(([question]) => ({
    question,
    answer: "",
  }));
  await clean("BANKING77, halves of training", ...halves(bankingRows));
}
for (const path of values.sets?.split(",") ?? []) {
  const { train: known, test: held, planted } = JSON.parse(readFileSync(path, "utf8"));
  const rowsOf = (pairs) => pairs.map(([question, answer]) => ({ question, answer }));
  const rows = planted.map(([row, question, answer]) => ({ row, question, answer }));
  if (rows.length > 0) await measure(path, rows, rowsOf(known), rowsOf(held));
  else await clean(path, rowsOf(known), rowsOf(held));
}

/** Computes missing vectors, and finds known rows by vectors. */
async function openNear(folder, place) {
  const embedder = await openEmbedder(folder, { threads: 2 });
  const own = { queryPrefix: null, passagePrefix: null };
  const cache = await VectorCache.open(folderEmbedder(embedder, own, new AbortController().signal), place);
  const runtime = createRuntime(process.cwd(), new AbortController().signal, "bench");
  const hooks = { before: () => undefined, onTexts: () => undefined };
  return async (texts) => {
    await cache.embedMissing(texts, hooks, runtime);
    return (known) => nearTexts(known, cache);
  };
}

function answersOf(model) {
  const rows = JSON.parse(readFileSync(join(values.plus, `results/gsm8k_results/${model}.json`), "utf8"));
  return new Map(rows.map((row) => [plain(row.question), row.model_prediction]));
}

function plusRows() {
  const answers = answersOf("gpt4");
  return linesOf(join(values.plus, "dataset/gsmplus_testmini.jsonl"))
    .filter((row) => row.perturbation_type === "problem understanding")
    .map(({ seed_question: seed, question, solution }) => {
      return { row: rowOf.get(plain(seed)), question, answer: answers.get(plain(seed)) ?? solution };
    });
}

function decontaminatorRows() {
  const answers = answersOf("gpt-3.5-turbo");
  return linesOf(join(values.lmsys, "data/rephrase/rephrase_gsm8k.jsonl")).map(({ text: both }, row) => {
    const question = both.replace(/^Question: /, "").split("\nAnswer:")[0];
    return { row, question, answer: answers.get(plain(test[row].question)) };
  });
}

function diceRows() {
  const read = (name) => csvOf(join(values.dice, `OOD_test/scripts/data/gsm8k/${name}.csv`));
  const [one, other] = [read("original"), read("rephrased1")];
  const [first, second] = [one, other].map((rows) => rows.map(([, answer]) => lastNumber(answer)));
  return inOrder(first, second).map(([at, to]) => {
    return { row: rowOf.get(plain(one[at][0])), question: other[to][0], answer: other[to][1] };
  });
}

/** The longest common subsequence, as pairs of positions. */
function inOrder(one, other) {
  const longest = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let a = one.length - 1; a >= 0; a--) {
    for (let b = other.length - 1; b >= 0; b--) {
      const without = Math.max(longest[a + 1][b], longest[a][b + 1]);
      longest[a][b] = one[a] === other[b] ? longest[a + 1][b + 1] + 1 : without;
    }
  }
  const pairs = [];
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    if (one[a] === other[b]) pairs.push([a++, b++]);
    else if (longest[a + 1][b] >= longest[a][b + 1]) a++;
    else b++;
  }
  return pairs;
}

/** Rows with two fields of a CSV file. */
function csvOf(path) {
  const rows = [[]];
  for (const [, quoted, bare, end] of readFileSync(path, "utf8").matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ",") rows.push([]);
  }
  return rows.slice(1).filter((row) => row.length > 1);
}

async function measure(name, every, known = train, held = test) {
  const rows = every.filter(({ row }) => row !== undefined);
  const random = randomFrom(1);
  const order = rows.map((row) => [random(), row]).sort(([a], [b]) => a - b);
  for (const count of new Set([20, Math.min(300, rows.length >> 1), rows.length])) {
    const planted = order.slice(0, count).map(([, row]) => row);
    const pairs = await flagged([...known, ...planted], held);
    const found = new Map(pairs.map(({ row, other }) => [row, other]));
    const right = planted.filter(({ row }, at) => found.get(row) === known.length + at).length;
    const leaked = new Set(planted.map(({ row }) => row));
    const alarms = [...found.keys()].filter((row) => !leaked.has(row)).length;
    console.log(
      `${name}, ${count} planted: recall ${(right / count).toFixed(3)}, ` +
        `${alarms} of ${held.length - leaked.size} clean rows flagged`,
    );
  }
}

async function clean(name, known, held) {
  const alarms = (await flagged(known, held)).length;
  console.log(
    `${name}: ${alarms} of ${held.length} rows flagged (${((100 * alarms) / held.length).toFixed(2)} %)`,
  );
}

function halves(rows) {
  const random = randomFrom(1);
  const order = rows.map((row) => [random(), row]).sort(([a], [b]) => a - b);
  const half = rows.length >> 1;
  return [order.slice(0, half), order.slice(half)].map((part) => part.map(([, row]) => row));
}

/** Pairs found by this stage only, without exact copies. */
async function flagged(known, held) {
  const rows = [...known, ...held];
  const heldOut = new Uint8Array(rows.length).fill(1, known.length);
  const answers = rows.map(({ answer }) => answer);
  const texts = rows.map(({ question }) => question);
  const byVectors = await near?.(texts);
  const { pairs, threshold } = findParaphrases(texts, heldOut, {
    answers,
    ...(byVectors && { near: byVectors }),
  });
  console.log(`  flagged ${threshold.how}`);
  return pairs
    .filter(({ kind }) => kind !== "twin")
    .map(({ row, other }) => ({ row: row - known.length, other }));
}
