/**
 * @file Retention of old skills of a small language model: Shakespeare first, then GSM8K, with and without penalties.
 *
 *     npx tsx bench/keep/small-lm.mjs FOLDER [--seeds 0,1,2] [--quick]
 *
 * FOLDER contains train.txt, val.txt (old domain), gsm8k-train.txt, gsm8k-val.txt (new domain) and charset.json. A
 * Llama of 245,000 parameters (2 layers, width 96, 4 heads, context 64, characters) is trained on the old domain for
 * 1,500 steps, then on the new one for 300: all weights, AdamW 1e-3, clip 1 on loss and penalty. Fisher information:
 * 400 sequences of the old domain, one at a time, per token. Loss is in nats per character on 12 fixed batches of 32.
 * Prints, per seed and as means: the rise of the old loss, the share of the new gain that is kept, and the share of the
 * rise that is removed; also L2-SP's rise at EWC's new-task loss, interpolated over its strengths. Exits with 1 if EWC
 * at strength 10 misses its requirements.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openModel } from "@tunewise/engine";
import { openSafetensors } from "@tunewise/engine/weights";
import { trainPlan } from "../measured-run.mjs";
import { randomWeights } from "./random-weights.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "0,1,2" }, quick: { type: "boolean", default: false } },
});
const [folder = ""] = positionals;
const read = (name) => readFileSync(join(folder, name), "utf8");
const characters = JSON.parse(read("charset.json"));
const alphabet = Array.isArray(characters) ? characters : (characters.characters ?? Object.keys(characters));
const idOf = new Map([...alphabet].map((character, id) => [character, id]));
const encode = (text) => Int32Array.from([...text].map((character) => idOf.get(character) ?? 0));
const old = { train: encode(read("train.txt")), judge: encode(read("val.txt")) };
const fresh = { train: encode(read("gsm8k-train.txt")), judge: encode(read("gsm8k-val.txt")) };
const context = 64;
const [firstSteps, nextSteps, sequences] = values.quick ? [200, 60, 50] : [1500, 300, 400];
const config = {
  model_type: "llama",
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  hidden_act: "silu",
  hidden_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  intermediate_size: 256,
  vocab_size: idOf.size,
  max_position_embeddings: context + 1,
  tie_word_embeddings: false,
};

const rows = [];
for (const seed of values.seeds.split(",").map(Number)) rows.push(await sequence(seed));
summarize(rows);

async function sequence(seed) {
  const scratch = mkdtempSync(join(tmpdir(), "tunewise-keep-"));
  try {
    const start = await openModel({ config, weights: randomWeights(config, seed) }, { threads: 2 });
    const about = { frozen: [], baseModel: "start", revision: "" };
    const base = await start.createFull(about);
    const slow = { steps: firstSteps, warmup: 100, weightDecay: 0.01, schedule: "cosine" };
    await train(start, base, draw(old.train, seed + 100, firstSteps * 16), slow, null);
    await start.saveResult(base, scratch);
    await start.close();
    const weights = await openSafetensors(join(scratch, "tuned.safetensors"));
    const model = await openModel({ config, weights }, { threads: 2 });
    const judge = { old: draw(old.judge, 1, 12 * 32), fresh: draw(fresh.judge, 2, 12 * 32) };
    const lossOf = async (adapter, part) => {
      const { nll, labelledTokens } = await model.loss(adapter, judge[part]);
      return nll / labelledTokens;
    };
    const before = { old: await lossOf(null, "old"), fresh: await lossOf(null, "fresh") };
    const newRows = draw(fresh.train, seed + 200, nextSteps * 16);
    const tuned = async (penalty, mixed = 0) => {
      const adapter = await model.createFull(about);
      const list = mixed === 0 ? newRows : mix(newRows, draw(old.train, seed + 300, newRows.length), mixed);
      await train(
        model,
        adapter,
        list,
        { steps: nextSteps, warmup: 30, weightDecay: 0, schedule: "cosine" },
        penalty,
      );
      return { old: await lossOf(adapter, "old"), fresh: await lossOf(adapter, "fresh") };
    };
    const target = await model.createFull(about);
    const fisher = async (estimator, storage) =>
      model.estimateFisher(target, draw(old.train, seed + 400, sequences), {
        estimator,
        storage,
        seed,
        modelKey: "small",
        dataKey: "old",
      });
    const [empirical, sampled, factored] = [
      await fisher("empirical", "full"),
      await fisher("sampled", "full"),
      await fisher("empirical", "factored"),
    ];
    const ewc = (lambda, one) => ({ kind: "ewc", lambda, fisher: one });
    const methods = [
      ["plain", null],
      ...[3, 10, 30, 100].map((lambda) => [`ewc ${lambda}`, ewc(lambda, empirical)]),
      ["ewc 10 sampled", ewc(10, sampled)],
      ["ewc 10 factored", ewc(10, factored)],
      ...[0.003, 0.01, 0.03, 0.1].map((lambda) => [`l2-sp ${lambda}`, { kind: "l2-sp", lambda }]),
    ];
    const found = [];
    for (const [name, penalty] of methods) found.push({ name, ...(await tuned(penalty)) });
    for (const share of [1 / 16, 1 / 8])
      found.push({ name: `replay ${share}`, ...(await tuned(null, share)) });
    await model.close();
    await weights.close();
    const [plain] = found;
    console.log(`seed ${seed}: old ${before.old.toFixed(3)}, new ${before.fresh.toFixed(3)} before`);
    return found.map((one) => {
      const rise = one.old - before.old;
      const kept = (before.fresh - one.fresh) / (before.fresh - plain.fresh);
      const removed = 1 - rise / (plain.old - before.old);
      console.log(
        `  ${one.name.padEnd(16)} old ${one.old.toFixed(3)} (+${rise.toFixed(3)})  new ${one.fresh.toFixed(3)}  ` +
          `kept ${(100 * kept).toFixed(1)} %  removed ${(100 * removed).toFixed(1)} %`,
      );
      return { ...one, rise, kept, removed };
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function train(model, adapter, list, changes, penalty) {
  const plan = trainPlan({ batchSize: 16, maxLength: context + 1, learningRate: 1e-3, penalty, ...changes });
  const trainer = await model.createTrainer(adapter, list, plan);
  while (trainer.step < trainer.steps) await trainer.next();
  await trainer.release();
}

/** Sequences from random positions of a text, with loss on every character except the first. */
function draw(ids, seed, count) {
  let state = (seed * 7919 + 12345) >>> 0;
  const labelled = new Uint8Array(context + 1).fill(1);
  labelled[0] = 0;
  return Array.from({ length: count }, (_, example) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const from = Math.floor((state / 2 ** 32) * (ids.length - context - 1));
    return { ids: ids.slice(from, from + context + 1), labelled, promptLength: 1, example };
  });
}

/** Replaces a share of the rows, at regular intervals, by old ones. */
function mix(list, others, share) {
  const every = Math.round(1 / share);
  return list.map((row, at) => (at % every === 0 ? others[at] : row));
}

function summarize(all) {
  const names = all[0].map(({ name }) => name);
  const mean = (pick) => all.reduce((sum, found) => sum + pick(found), 0) / all.length;
  console.log("means:");
  for (const [at, name] of names.entries()) {
    const [rise, kept, removed] = ["rise", "kept", "removed"].map((key) => mean((found) => found[at][key]));
    console.log(
      `  ${name.padEnd(16)} +${rise.toFixed(3)}  kept ${(100 * kept).toFixed(1)} %  removed ${(100 * removed).toFixed(1)} %`,
    );
  }
  const at = names.indexOf("ewc 10");
  const [kept, removed] = [mean((found) => found[at].kept), mean((found) => found[at].removed)];
  const less = mean((found) => 1 - found[at].rise / l2RiseAt(found, found[at].fresh));
  console.log(
    `EWC 10: kept ${(100 * kept).toFixed(1)} % (asked 95), removed ${(100 * removed).toFixed(1)} % (asked 45), ` +
      `${(100 * less).toFixed(1)} % less forgetting than L2-SP at equal new loss (asked 15)`,
  );
  process.exitCode = kept >= 0.95 && removed >= 0.45 && less >= 0.15 ? 0 : 1;
}

/** L2-SP's rise at a given new loss, interpolated between its strengths. */
function l2RiseAt(found, fresh) {
  const points = found.filter(({ name }) => name === "plain" || name.startsWith("l2-sp"));
  const sorted = points.sort((a, b) => a.fresh - b.fresh);
  for (let at = 1; at < sorted.length; at++) {
    const [left, right] = [sorted[at - 1], sorted[at]];
    if (fresh > right.fresh) continue;
    const share = (fresh - left.fresh) / (right.fresh - left.fresh);
    return left.rise + share * (right.rise - left.rise);
  }
  return sorted.at(-1).rise;
}
