/**
 * @file Trains a task with the recipe's own defaults and with a grid of settings, and appends each result to a file.
 *
 *     npm run build && node bench/defaults/grid.mjs TASK DATA MODEL RUNS.jsonl [POINT ...]
 *
 * DATA is a folder with one folder per task of tasks.mjs. A POINT is `default`, or settings such as
 * `rate=2e-3,epochs=3,rank=16`; without points, the grid of rates and epochs at rank 16 is trained. Points in
 * RUNS.jsonl are not trained again, so the script can be stopped and restarted at any time. Runs go to a folder beside
 * the data.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { rates, tasks } from "./tasks.mjs";

const [name, data, model, out, ...asked] = process.argv.slice(2);
const { folder, data: files, task, metric, evaluation, epochs } = tasks[name];
const place = join(data, folder);
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const points = asked.length
  ? asked
  : epochs.toSorted().flatMap((count) => rates.map((rate) => `rate=${rate},epochs=${count},rank=16`));

for (const point of points) {
  const known = existsSync(out)
    ? readFileSync(out, "utf8").trim().split("\n").filter(Boolean).map(JSON.parse)
    : [];
  if (known.some((run) => run.task === name && run.point === point)) continue;
  const result = train(point, !known.some((run) => run.task === name && run.base !== null));
  appendFileSync(out, `${JSON.stringify(result)}\n`);
  console.log(JSON.stringify(result));
}

/** One run through the command line; the base model is evaluated only with the first run of a task. */
function train(point, base) {
  const set = Object.fromEntries(point === "default" ? [] : point.split(",").map((pair) => pair.split("=")));
  const recipe = {
    name,
    model,
    data: files,
    task,
    evaluation: { ...evaluation, base, memorization: 0 },
    forgetting: { measure: false },
    safety: { code: "off", refusals: "off" },
    guards: "warn",
    ...(set.rank && { method: { rank: Number(set.rank), alpha: Number(set.alpha ?? 32) } }),
    ...(point !== "default" && {
      training: {
        ...(set.rate && { learning_rate: Number(set.rate) }),
        ...(set.epochs && { epochs: Number(set.epochs) }),
        ...(set.batch && { batch_size: Number(set.batch) }),
      },
    }),
  };
  mkdirSync(place, { recursive: true });
  const path = join(place, `${name}-${point.replaceAll(/[=,]/g, "_")}.yaml`);
  writeFileSync(path, stringify(recipe));
  const start = performance.now();
  const { status, stdout, stderr } = run("run", path, "--yes", "--json", "--budget", "600min");
  if (status !== 0)
    throw new Error(`${point}: exit code ${status}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
  // The id of this run, not of the latest one: two points may be trained in one folder at the same time
  const events = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const id = events.find(({ kind }) => kind === "run-start").runId;
  const shown = JSON.parse(run("runs", "show", id, "--json").stdout).run;
  const summary = JSON.parse(shown.summary);
  rmSync(path);
  return {
    task: name,
    point,
    id: shown.id,
    seconds: Math.round((performance.now() - start) / 1000),
    metric,
    base: summary.base[metric] ?? null,
    tuned: summary.tuned[metric],
    steps: summary.best_step,
    validationLoss: summary.validation_loss,
    trainLoss: summary.train_loss,
  };
}

function run(...words) {
  return spawnSync(process.execPath, [main, ...words], { cwd: place, encoding: "utf8", maxBuffer: 1 << 28 });
}
