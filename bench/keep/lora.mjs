/**
 * @file Retention of old skills of SmolLM2-135M with LoRA: learns GSM8K, and measures forgetting on general text.
 *
 *     npx tsx bench/keep/lora.mjs MODEL.gguf GSM8K_TRAIN.jsonl [--steps 80] [--rate 1e-3]
 *         [--lambdas 0,100,1000] [--storage factored|full] [--seeds 1]
 *
 * Rank 16 on all projections, 8 rows per step, rows truncated to `--length` tokens (96). Importance is estimated on 40
 * of the shipped general texts (data/general), forgetting on the others, and the new loss on 40 held-out rows. Prints
 * the rise of the general loss, the gain on the task, and both in percent of the run without a penalty, which shows the
 * trade-off of retention and learning.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { tsImport } from "tsx/esm/api";
import { peakBytes, trainPlan } from "../measured-run.mjs";

const { openGguf } = await tsImport("../../packages/engine/src/weights/gguf/gguf.ts", import.meta.url);

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: text("80"),
    rate: text("1e-3"),
    lambdas: text("0,1,10,100,1000"),
    storage: text("factored"),
    seeds: text("1"),
    l2: text("0.01,0.1"),
    length: text("96"),
  },
});
const [modelPath, rowsPath] = positionals;
const { config, tokenizer: files, weights } = await openGguf(modelPath);
const tokenizer = createTokenizer(files);
const model = await openModel({ config, weights }, { threads: 2 });
const encodeText = (document) => {
  const ids = Int32Array.from(tokenizer.encode(document).slice(0, 128));
  const labelled = new Uint8Array(ids.length).fill(1);
  labelled[0] = 0;
  return { ids, labelled, promptLength: 1, example: 0 };
};
const encodeRow = ({ question, answer }) => {
  const render = (messages, more) => tokenizer.encode(tokenizer.render(messages, more));
  const prompt = render([{ role: "user", content: question }], { addGenerationPrompt: true });
  const whole = [...prompt, ...tokenizer.encode(answer), ...tokenizer.endIds.slice(0, 1)].slice(
    0,
    Number(values.length),
  );
  const labelled = Uint8Array.from(whole, (_, at) => (at >= prompt.length ? 1 : 0));
  return { ids: Int32Array.from(whole), labelled, promptLength: prompt.length, example: 0 };
};
const lines = (path) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const documents = lines(new URL("../../data/general/text.jsonl", import.meta.url)).map((one) =>
  encodeText(one.text),
);
const reference = documents.filter((_, at) => at % 3 !== 0).slice(0, 40);
const general = documents.filter((_, at) => at % 3 === 0);
const rows = lines(rowsPath)
  .slice(0, 2000)
  .map(encodeRow)
  .filter(({ labelled }) => labelled.includes(1));
const judge = rows.slice(0, 40);
const lossOf = async (adapter, list) => {
  const { nll, labelledTokens } = await model.loss(adapter, list);
  return nll / labelledTokens;
};
const before = { old: await lossOf(null, general), fresh: await lossOf(null, judge) };
console.log(`before: general ${before.old.toFixed(4)}, task ${before.fresh.toFixed(4)}`);
const lora = { rank: 16, alpha: 32, rslora: false, dropout: 0, baseModel: "smol", revision: "" };

for (const seed of values.seeds.split(",").map(Number)) {
  const fresh = () => model.createAdapter({ ...lora, targets: "all-linear" }, seed);
  const start = performance.now();
  const fisher = await model.estimateFisher(fresh(), reference, {
    estimator: "empirical",
    storage: values.storage,
    seed,
    modelKey: "smol",
    dataKey: "general",
  });
  console.log(
    `importance of ${reference.length} texts: ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  const settings = [
    ...values.lambdas
      .split(",")
      .map(Number)
      .map((lambda) => (lambda === 0 ? null : { kind: "ewc", lambda, fisher })),
    ...values.l2
      .split(",")
      .filter(Boolean)
      .map((lambda) => ({ kind: "l2-sp", lambda: Number(lambda) })),
  ];
  let plain = null;
  for (const penalty of settings) {
    const adapter = fresh();
    const plan = trainPlan({
      steps: Number(values.steps),
      batchSize: 8,
      maxLength: Number(values.length),
      learningRate: Number(values.rate),
      seed,
      schedule: "cosine",
      warmup: 5,
      batching: "shuffle",
      penalty,
    });
    const trainer = await model.createTrainer(adapter, rows.slice(40), plan);
    const begun = performance.now();
    let last = null;
    while (trainer.step < trainer.steps) last = await trainer.next();
    const seconds = (performance.now() - begun) / 1000 / trainer.steps;
    await trainer.release();
    const [old, task] = [await lossOf(adapter, general), await lossOf(adapter, judge)];
    const found = { rise: old - before.old, gain: before.fresh - task };
    plain ??= found;
    const name = penalty === null ? "plain" : `${penalty.kind} ${penalty.lambda}`;
    console.log(
      `seed ${seed} ${name.padEnd(12)} general ${old.toFixed(4)} (+${found.rise.toFixed(4)})  task ${task.toFixed(4)}  ` +
        `kept ${((100 * found.gain) / plain.gain).toFixed(1)} %  removed ${(100 - (100 * found.rise) / plain.rise).toFixed(1)} %  ` +
        `penalty ${last.penalty.toExponential(1)}  ${seconds.toFixed(2)} s a step, ${(peakBytes() / 1e9).toFixed(2)} GB`,
    );
  }
}
await model.close();
await weights.close();
