/**
 * @file Runs training steps on one row of random tokens, with loss on all; the counterpart of peers/torch-step.py.
 *
 *     npx tsx bench/engine-step.mjs MODEL_FOLDER [--tokens 512] [--steps 10] [--warmup 2]
 *       [--recompute none|layer|auto] [--compute auto|bf16|fp32] [--format float32|stored|nf4]
 *       [--place memory|disk] [--keep none|l2-sp|ewc]
 *
 * MODEL_FOLDER may be the name of a shape of `bench/memory/models.mjs`, whose folder is in `--models`.
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { matrixRate, openFolder, peakBytes, timeSteps, trainPlan } from "./measured-run.mjs";
import { modelFolder } from "./memory/models.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: text("512"),
    steps: text("10"),
    warmup: text("2"),
    models: text(tmpdir()),
    rank: text("8"),
    threads: text("2"),
    recompute: text("none"),
    format: { type: "string" },
    place: text("memory"),
    compute: text("auto"),
    keep: text("none"),
  },
});
const [name = ""] = positionals;
const folder = existsSync(name) ? name : modelFolder(name, values.models);
const [tokens, steps, warmup, rank, threads] = ["tokens", "steps", "warmup", "rank", "threads"].map((key) =>
  Number(values[key]),
);
if (!["none", "layer", "auto"].includes(values.recompute)) throw new Error("--recompute none|layer|auto");

const opening = performance.now();
const { format, place } = values;
const { model, weights, config, compute } = await openFolder(folder, threads, {
  ...(format && { format }),
  place,
  compute: values.compute,
});
const openSeconds = (performance.now() - opening) / 1000;
const settings = { rank, alpha: 2 * rank, rslora: false, dropout: 0, baseModel: folder, revision: "" };
const adapter = model.createAdapter({ ...settings, targets: "all-linear" }, 1);
let state = 7;
const ids = Int32Array.from({ length: tokens }, () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state % model.vocabularySize;
});
const labelled = new Uint8Array(tokens).fill(1);
labelled[0] = 0;
const row = { ids, labelled, promptLength: 1, example: 0 };
const shared = { maxLength: tokens, recompute: values.recompute, penalty: await penaltyOf(values.keep) };
const plan = trainPlan({ steps: steps + warmup, ...shared });
const timed = await timeSteps(await model.createTrainer(adapter, [row], plan), warmup);
const peak = peakBytes();
const flops = stepFlops(config, tokens, rank);
const rate = await matrixRate(threads, compute);
console.log(
  JSON.stringify({
    tokens,
    compute,
    ...timed,
    losses: timed.losses.slice(0, 4),
    openSeconds,
    peakBytes: peak,
    flopsPerStep: flops,
    flopsPerSecond: flops / timed.medianSecondsPerStep,
    matrixFlopsPerSecond: rate,
    shareOfMatrixRate: flops / timed.medianSecondsPerStep / rate,
  }),
);
await model.close();
await weights.close();

/** A penalty with importance from two sequences; its cost does not depend on their number. */
async function penaltyOf(kind) {
  if (kind === "none") return null;
  if (kind === "l2-sp") return { kind, lambda: 0.03 };
  const about = { estimator: "empirical", storage: "factored", modelKey: folder, dataKey: "", seed: 1 };
  return { kind, lambda: 100, fisher: await model.estimateFisher(adapter, [row, row], about) };
}

/**
 * Min. floating-point operations of a step: 2 per weight and token forward and 2 for the gradient of the input,
 * including the head; 6 per adapter value and token; attention over the causal half, 2 products forward and 4
 * backward. Recomputation, masked-out scores, norms and the softmax are not counted.
 */
function stepFlops(c, length, r) {
  const width = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  const [q, kv] = [c.num_attention_heads * width, (c.num_key_value_heads ?? c.num_attention_heads) * width];
  const shapes = [
    [c.hidden_size, q],
    [c.hidden_size, kv],
    [c.hidden_size, kv],
    [q, c.hidden_size],
    [c.hidden_size, c.intermediate_size],
    [c.hidden_size, c.intermediate_size],
    [c.intermediate_size, c.hidden_size],
  ];
  const linear = shapes.reduce((sum, [from, to]) => sum + 4 * from * to + 6 * r * (from + to), 0);
  const attention = 6 * 2 * (length / 2) * q;
  return length * (c.num_hidden_layers * (linear + attention) + 4 * c.vocab_size * c.hidden_size);
}
