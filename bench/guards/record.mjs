/**
 * @file Records real runs of the engine, good and bad, to replay the guards on.
 *
 *     npx tsx bench/guards/record.mjs runs.jsonl [--tasks tickets,desks] [--seeds 1,2,3,4] [--steps 160]
 *       [--data FOLDER]
 *
 * Trains four tasks with a small model (with FOLDER, which contains `trec` and `snips`, also two tasks that the guards
 * were not developed on). Each task is trained with many settings: rates from 1e-5 to 1, no warm-up, no clipping, SGD,
 * wrong answers, garbage rows, few rows, repeated rows, and a rate 100 times as high for ten steps. Writes one line per
 * run; existing runs are not repeated.
 *
 * The criteria for good and bad runs were fixed before any guard was tried on a recording:
 *
 * - The baseline of a task is the result of a quick first try: the usual setting with a fifth of the steps, its own
 *   schedule and seed 0. Guards receive its loss as that of the best similar run.
 * - A run is bad if its result, the checkpoint with the lowest validation loss, is not below the baseline, or if its
 *   last loss is not a number.
 * - A run is good if its result is below the baseline and its last validation loss is within 5 % of the lowest.
 * - All other runs are past their best: the result is below the baseline, and a stop after that step loses nothing.
 *
 * Losses are rounded to 4 digits. Norms and ratios are recorded every fifth step from the first on, with 2 digits.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { trainPlan } from "../measured-run.mjs";
import { chance, tasks, withGarbage, withNoise } from "./tasks.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: text("tickets,desks,text,copying"),
    seeds: text("1,2,3,4"),
    steps: text("160"),
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

/** Differences from the usual setting: `rate` is absolute, `times` is a multiple of the task's own rate. */
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
  "no clipping, rate x 10": { times: 10, plan: { maxGradNorm: 0 } },
  "sgd 1, no clipping": { rate: 1, plan: { optimizer: "sgd", maxGradNorm: 0 } },
  "sgd 10, no clipping": { rate: 10, plan: { optimizer: "sgd", maxGradNorm: 0 } },
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
    steps: count,
    batchSize: 8,
    batching: "shuffle",
    schedule: "cosine",
    warmup: 0.05,
    seed,
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
  appendFileSync(path, `${JSON.stringify({ ...run, clip: plan.maxGradNorm, broken, ...curves })}\n`);
  const last = curves.validation.at(-1)?.[1];
  const best = Math.min(...curves.validation.map(([, loss]) => loss ?? Number.POSITIVE_INFINITY));
  console.log(
    `${name.padEnd(8)} ${String(seed)} ${setting.padEnd(26)} best ${best} last ${last} ${broken ?? ""}`,
  );
}

function digits(value, count) {
  return Number(value.toPrecision(count));
}
