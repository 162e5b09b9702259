/**
 * @file Records real runs of the engine, good and bad, for the replay of the guards.
 *
 *     npx tsx bench/guards/record.mjs runs.jsonl [--tasks tickets,desks] [--seeds 1,2,3,4] [--steps 160] [--data FOLDER]
 *
 * Four tasks (and with FOLDER, which holds `trec` and `snips`, two that the guards were not made on) with a small model, each trained in many settings: rates from 1e-5 to 1, no warm-up, no clipping, SGD,
 * wrong answers, rows of garbage, few rows, repeated rows, a rate that is a hundredfold for ten steps. One line a run;
 * what is there already is not run again.
 *
 * What is good and what is bad was fixed before any guard saw a recording:
 *
 * - The baseline of a task is what a quick first try gives: the usual setting on a fifth of the steps, with a schedule
 *   of its own and seed 0. Guards are told its loss as that of the best like run.
 * - A run is bad where its result, the checkpoint of its lowest validation loss, is not below the baseline, or where
 *   there is no number at its end.
 * - It is good where its result is below the baseline and its last validation loss is within 5 % of the lowest.
 * - What is left had its best behind it: its result is below the baseline, and a stop after that step loses nothing.
 *
 * Losses are rounded to 4 digits; norms and ratios are those of every fifth step from the first on, to 2 digits.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { trainPlan } from "../measured-run.mjs";
import { chance, tasks, withGarbage, withNoise } from "./tasks.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ tasks: text("tickets,desks,text,copying"), seeds: text("1,2,3,4"), steps: text("160") },
    data: { type: "string" },
  },
});
const [path = "runs.jsonl"] = positionals;
const steps = Number(values.steps);
const evaluateEvery = 8;
const known = new Set(
  existsSync(path)
    ? readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => {
          const { task, setting, seed } = JSON.parse(line);
          return `${task} ${setting} ${seed}`;
        })
    : [],
);

/** What differs from the usual setting: `rate` is absolute, `times` a multiple of the task's own. */
const settings = {
  usual: {},
  "rate 1e-5": { rate: 1e-5 },
  "rate 1e-4": { rate: 1e-4 },
  "rate 3e-4": { rate: 3e-4 },
  "rate / 3": { times: 1 / 3 },
  "rate x 3": { times: 3 },
  "rate x 10": { times: 10 },
  "rate x 30": { times: 30 },
  "rate 0.1": { rate: 0.1 },
  "rate 0.3": { rate: 0.3 },
  "rate 1": { rate: 1 },
  "no warm-up, rate x 10": { times: 10, plan: { warmup: 0 } },
  "no clipping, rate x 10": { times: 10, plan: { clipNorm: 0 } },
  "sgd 1, no clipping": { rate: 1, plan: { optimizer: "sgd", clipNorm: 0 } },
  "sgd 10, no clipping": { rate: 10, plan: { optimizer: "sgd", clipNorm: 0 } },
  "sgd 0.001": { rate: 0.001, plan: { optimizer: "sgd" } },
  constant: { plan: { schedule: "constant" } },
  "constant, rate x 3": { times: 3, plan: { schedule: "constant" } },
  "a third of answers wrong": { rows: (rows, seed) => withNoise(rows, 0.33, seed) },
  "all answers wrong": { rows: (rows, seed) => withNoise(rows, 1, seed) },
  "rows of garbage": { rows: (rows, seed, vocabulary) => withGarbage(rows, 0.1, seed, vocabulary) },
  "few rows": { rows: (rows, seed) => some(rows, 24, seed) },
  "few rows, rate x 3": { times: 3, rows: (rows, seed) => some(rows, 24, seed) },
  "repeated rows": { rows: (rows, seed) => some(rows, 80, seed) },
  glitch: { glitch: [70, 80] },
};

function some(rows, count, seed) {
  const random = chance(seed);
  return Array.from({ length: count }, () => rows[Math.floor(random() * rows.length)]);
}

for (const seed of values.seeds.split(",").map(Number)) {
  for (const name of values.tasks.split(",")) {
    const task = await tasks[name](values.data);
    if (!known.has(`${name} baseline 0`)) await record(name, task, "baseline", {}, 0, Math.round(steps / 5));
    for (const [setting, changes] of Object.entries(settings)) {
      if (!known.has(`${name} ${setting} ${seed}`)) await record(name, task, setting, changes, seed, steps);
    }
    await task.model.close();
  }
}

async function record(name, task, setting, changes, seed, count) {
  const { model, validation, vocabulary } = task;
  known.add(`${name} ${setting} ${seed}`);
  const adapter = await task.create(model, seed);
  const rows = changes.rows ? changes.rows(task.train, seed, vocabulary) : task.train;
  const plan = trainPlan({
    ...{ steps: count, batchSize: 8, batching: "shuffle", schedule: "cosine", warmup: 0.05, seed },
    learningRate: changes.rate ?? task.rate * (changes.times ?? 1),
    ...changes.plan,
  });
  const trainer = await model.createTrainer(adapter, rows, plan);
  const { warmup, learningRate: rate, schedule } = plan;
  const run = { task: name, setting, seed, steps: count, warmup, rate, schedule };
  const curves = { train: [], norms: [], ratios: [], validation: [] };
  let broken = null;
  while (trainer.step < count && broken === null) {
    const [from, to] = changes.glitch ?? [0, 0];
    trainer.rateScale = trainer.step >= from && trainer.step < to ? 100 : 1;
    try {
      const { loss, gradientNorm, updateRatio } = await trainer.next();
      curves.train.push(digits(loss, 4));
      if (trainer.step % 5 === 1) {
        curves.norms.push(digits(gradientNorm, 2));
        curves.ratios.push(digits(updateRatio, 2));
      }
    } catch (error) {
      if (error.code !== "ENGINE_LOSS_NOT_FINITE") throw error;
      broken = trainer.step + 1;
      break;
    }
    if (trainer.step % evaluateEvery === 0 || trainer.step === count) {
      const { nll, labelledTokens } = await model.loss(adapter, validation);
      // JSON has no NaN
      const loss = digits(nll / labelledTokens, 4);
      curves.validation.push([trainer.step, Number.isFinite(loss) ? loss : null]);
    }
  }
  await trainer.release();
  appendFileSync(path, `${JSON.stringify({ ...run, clip: plan.clipNorm, broken, ...curves })}\n`);
  const last = curves.validation.at(-1)?.[1];
  const best = Math.min(...curves.validation.map(([, loss]) => loss ?? Number.POSITIVE_INFINITY));
  console.log(
    `${name.padEnd(8)} ${String(seed)} ${setting.padEnd(26)} best ${best} last ${last} ${broken ?? ""}`,
  );
}

function digits(value, count) {
  return Number(value.toPrecision(count));
}
