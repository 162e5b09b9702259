/**
 * @file Records a grid of 64 LoRA settings on SmolLM2-135M as a table for search benchmarks: validation loss per rung.
 *
 *     npx tsx bench/search/smollm2.mjs MODEL_FOLDER DATA RUNS.jsonl TABLE.json [THREADS]
 *
 * DATA is a folder with BANKING77's train.csv. Trains on 216 of its rows in 54 steps of 4, cosine, without warm-up, and
 * evaluates on 80 other rows. A unit is two steps. Runs in RUNS.jsonl are not repeated, so the script can be stopped
 * and restarted at any time.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { readSplits } from "@tunewise/datacheck/dataset";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { encodeExamples } from "../../packages/tunewise/src/encode/index.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { openFolder, trainPlan } from "../measured-run.mjs";

const knobs = [
  { name: "learning_rate", values: [1e-4, 3e-4, 6e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2], ordered: true },
  { name: "rank", values: [2, 8, 32, 64], ordered: true },
  { name: "targets", values: ["attention", "all-linear"], ordered: false },
];
const resources = [1, 3, 9, 27];
const stepsPerUnit = 2;
const targetsOf = { attention: ["q_proj", "k_proj", "v_proj", "o_proj"], "all-linear": "all-linear" };

const [folder, data, out, tablePath, threads = "2"] = process.argv.slice(2);
const { train, validation } = await rowsOf();
const { model } = await openFolder(folder, Number(threads));
const known = existsSync(out)
  ? readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : [];
const points = knobs.reduce(
  (all, { name, values }) => all.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
  [{}],
);
const runs = [];
for (const point of points) {
  const found = known.find((run) => JSON.stringify(run.point) === JSON.stringify(point));
  runs.push(found ?? (await record(point)));
}
await model.close();
const losses = resources.map((_, rung) => runs.map(({ curve }) => curve[rung]));
writeFileSync(
  tablePath,
  `${JSON.stringify({ name: "banking77/smollm2-135m-lora", knobs, resources, losses })}\n`,
);

async function record(point) {
  const { learning_rate: learningRate, rank, targets } = point;
  const settings = { rank, alpha: 16, rslora: false, dropout: 0, baseModel: folder, revision: "" };
  const adapter = model.createAdapter({ ...settings, targets: targetsOf[targets] }, 17);
  const steps = stepsPerUnit * resources.at(-1);
  const plan = trainPlan({
    steps,
    batchSize: 4,
    learningRate,
    schedule: "cosine",
    batching: "shuffle",
    seed: 17,
  });
  const trainer = await model.createTrainer(adapter, train, plan);
  const curve = [];
  const start = performance.now();
  try {
    for (let step = 1; step <= steps; step++) {
      await trainer.next();
      if (!resources.includes(step / stepsPerUnit)) continue;
      const { nll, labelledTokens } = await model.loss(adapter, validation);
      curve.push(Number((nll / labelledTokens).toFixed(5)));
    }
  } catch (error) {
    if (error.code !== "ENGINE_LOSS_NOT_FINITE") throw error;
  }
  while (curve.length < resources.length) curve.push(null);
  await trainer.release();
  const run = { point, curve, seconds: Number(((performance.now() - start) / 1000).toFixed(1)) };
  appendFileSync(out, `${JSON.stringify(run)}\n`);
  console.log(JSON.stringify(run));
  return run;
}

async function rowsOf() {
  const host = createRuntime(process.cwd(), new AbortController().signal, "bench");
  const files = await resolveModel(folder, "main", host.sources);
  const { splits } = await readSplits({
    folder: data,
    train: "train.csv",
    validation: null,
    test: null,
    split: { validation: 0.05, test: 0, seed: 17 },
    rows: { train: 216, validation: 80, test: null },
    format: "table",
    columns: { prompt: "text", completion: "category" },
    system: "Name the intent of the customer's message.",
    promptTemplate: "{prompt}",
    badRows: "skip",
  });
  const tokenizer = createTokenizer(files.tokenizer);
  const encode = (rows) =>
    encodeExamples(rows, tokenizer, { maxLength: 256, overflow: "truncate", loss: "completion" }).rows;
  await files.weights.close();
  return { train: encode(splits.train), validation: encode(splits.validation) };
}
