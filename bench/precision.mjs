/**
 * @file Times training steps with `training.precision` auto, fp32 and bf16 in alternation, and compares auto with the
 * best.
 *
 *     npx tsx bench/precision.mjs MODEL_FOLDER [--rounds 5] [--steps 4] [--rows 8] [--tokens 64] [--labelled 16]
 *       [--rank 8] [--threads 2]
 *
 * MODEL_FOLDER may be the name of a shape of `bench/memory/models.mjs`, whose folder is in `--models`. `auto` chooses
 * as a plan does, and reads or writes the measured rates in the cache folder (`TUNEWISE_CACHE`). On a CPU without
 * bfloat16 there is nothing to compare.
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { packageVersion } from "../packages/tunewise/src/catalog/index.ts";
import { choosePrecision, recipeFromText, trainingWork } from "../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../packages/tunewise/src/runtime/index.ts";
import { median, openFolder, timeSteps, trainPlan } from "./measured-run.mjs";
import { modelFolder } from "./memory/models.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: text("5"),
    steps: text("4"),
    rows: text("8"),
    tokens: text("64"),
    labelled: text("16"),
    rank: text("8"),
    threads: text("2"),
    models: text(tmpdir()),
  },
});
const [name = ""] = positionals;
const folder = existsSync(name) ? name : modelFolder(name, values.models);
const [rounds, steps, rows, tokens, labelled, rank, threads] = [
  ...["rounds", "steps", "rows", "tokens", "labelled", "rank", "threads"].map((key) => Number(values[key])),
];

const fp32 = await openWay("fp32");
const chosen = await chooseByPlan(fp32.config);
const ways = { fp32, bf16: await openWay("bf16"), auto: await openWay(chosen.compute) };
const rates = { fp32: [], bf16: [], auto: [] };
for (let round = 0; round <= rounds; round++) {
  const order = Object.keys(ways);
  for (let at = 0; at < order.length; at++) {
    // each round begins with a different setting, so that drift of the machine affects all equally
    const way = order[(round + at) % order.length];
    const { tokensPerSecond } = await timeSteps(await ways[way].trainer(), 0);
    if (round > 0) rates[way].push(tokensPerSecond); // the first round builds programs
  }
}
const best = rates.fp32.map((one, round) => Math.max(one, rates.bf16[round]));
const ratios = rates.auto.map((one, round) => one / best[round]);
const medians = Object.fromEntries(Object.entries(rates).map(([way, found]) => [way, median(found)]));
console.log(
  JSON.stringify({
    model: name,
    rows,
    tokens,
    rank,
    threads,
    chosen,
    tokensPerSecond: rates,
    medians,
    ratioOfMedians: medians.auto / Math.max(medians.fp32, medians.bf16),
    ratioByRound: ratios,
    medianRatio: median(ratios),
  }),
);
for (const { model, weights } of Object.values(ways)) {
  await model.close();
  await weights.close();
}

/** A model in a given precision, with trainers on the same rows. */
async function openWay(compute) {
  const opened = await openFolder(folder, threads, { compute });
  const settings = { rank, alpha: 2 * rank, rslora: false, dropout: 0, baseModel: folder, revision: "" };
  const adapter = opened.model.createAdapter({ ...settings, targets: "all-linear" }, 1);
  const all = Array.from({ length: rows }, (_, example) => rowOf(example, opened.model.vocabularySize));
  const plan = trainPlan({ steps, batchSize: rows, maxLength: tokens, learningRate: 0 });
  return { ...opened, trainer: () => opened.model.createTrainer(adapter, all, plan) };
}

function rowOf(example, vocabulary) {
  const ids = Int32Array.from({ length: tokens }, (_, at) => (31 * example + 7919 * at) % vocabulary);
  const marks = new Uint8Array(tokens).fill(1, Math.max(1, tokens - labelled));
  return { ids, labelled: marks, promptLength: 1, example };
}

function chooseByPlan(config) {
  const recipe = recipeFromText(
    `model: a/b\ndata: { train: a.jsonl }\nmethod: { rank: ${rank} }\ntraining: { batch_size: ${rows} }\nmachine: { threads: ${threads} }\n`,
    "/",
    "bench",
  ).recipe;
  const runtime = createRuntime(process.cwd(), new AbortController().signal, packageVersion());
  return choosePrecision(
    recipe,
    runtime,
    trainingWork(config, recipe, [{ tokens, labelledTokens: labelled }], 0),
  );
}
