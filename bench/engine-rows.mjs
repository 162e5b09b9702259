/**
 * @file Trains on prompt/completion rows, with loss on the completion; the counterpart of peers/trl-sft.py.
 *
 *     npx tsx bench/engine-rows.mjs MODEL_FOLDER rows.jsonl [--steps 20] [--batch-size 8]
 */
import { parseArgs } from "node:util";
import { encodedRows } from "./encoded-rows.mjs";
import { openFolder, peakBytes, timeSteps, trainPlan } from "./measured-run.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: text("20"),
    "batch-size": text("8"),
    "learning-rate": text("2e-5"),
    batching: text("shuffle"),
    system: { type: "string" },
    rank: text("8"),
    threads: text("2"),
    compute: text("auto"),
    recompute: text("auto"),
    warmup: text("2"),
  },
});
const [folder, file] = positionals;
const [steps, rank, threads, warmup] = ["steps", "rank", "threads", "warmup"].map((name) =>
  Number(values[name]),
);

const rows = await encodedRows(folder, file, values.system ?? null);
const { model } = await openFolder(folder, threads, { compute: values.compute });
const settings = { rank, alpha: 2 * rank, rslora: false, dropout: 0, baseModel: folder, revision: "" };
const adapter = model.createAdapter({ ...settings, targets: "all-linear" }, 1);
const trainer = await model.createTrainer(
  adapter,
  rows,
  trainPlan({
    steps: steps + warmup,
    batchSize: Number(values["batch-size"]),
    learningRate: Number(values["learning-rate"]),
    batching: values.batching,
    recompute: values.recompute,
    schedule: "linear",
  }),
);
const timed = await timeSteps(trainer, warmup);
const rowsPerSecond = (Number(values["batch-size"]) * steps) / timed.seconds;
console.log(
  JSON.stringify({ rowsPerSecond, ...timed, losses: timed.losses.slice(0, 4), peakBytes: peakBytes() }),
);
await model.close();
