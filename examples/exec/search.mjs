/**
 * Settings of any trainer searched under a budget: each stretch of a trial is a command under `tunewise exec` with a cap of its own.
 *
 *     node search.mjs search.json        again after Ctrl-C or a kill: goes on
 *
 * What the trainer has to do stands in the README beside this file.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { accountFor, openSearch, range, seconds, usd } from "tunewise";

const plan = JSON.parse(readFileSync(process.argv[2] ?? "search.json", "utf8"));
const { name, command, space, defaults, goal, rungs, rate_usd_per_hour: rate, program = ["tunewise"] } = plan;
const whole = ([low, expected, high]) => range(seconds(low), seconds(expected), seconds(high));
const settings = {
  ...{ seed: plan.seed ?? 17, space, defaults, goal, rungs },
  ...(plan.trials === undefined ? {} : { maxTrials: plan.trials }),
  money: {
    ...{ budgetUsd: usd(plan.budget_usd), finalRunUsd: usd(plan.final_run_usd ?? 0) },
    usdPerHour: range(usd(rate), usd(rate), usd(rate)),
    secondsPerUnit: whole(plan.seconds_per_unit),
    startSeconds: whole(plan.start_seconds),
    tickUsd: usd((rate / 3600) * plan.save_seconds), // a command that is asked to stop may take so long to save
  },
};

const log = `${name}.jsonl`;
const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []; // a line cut off by a kill is left out
writeFileSync(log, lines.map((line) => `${line}\n`).join(""));
const search = openSearch(settings, lines.map((line) => JSON.parse(line)));
let written = lines.length;
const write = () => {
  for (const record of search.records.slice(written)) appendFileSync(log, `${JSON.stringify(record)}\n`);
  written = search.records.length;
};

for (let next = search.ask(); ; next = search.ask()) {
  write(); // before the work begins: what is lost is handed out again
  if (next.act !== "try") {
    console.log(next.sentence);
    break;
  }
  const { trial } = next;
  const report = await train(trial);
  search.tell(trial.id, report);
  write();
  console.log(`trial ${trial.id} to ${trial.to}: ${report.status} ${report.value ?? ""}`, JSON.stringify(trial.point));
}
const { best, spentUsd } = accountFor(settings, search);
console.log(JSON.stringify({ best, spent_usd: spentUsd }, null, 2));

/** One stretch as a command; what it reports is read from its folder, what it cost from the ledger. */
async function train({ id, point, from, to, maxUsd, again }) {
  const folder = join("trials", `${name}-${id}`);
  const stretch = `${name}/trial-${id}/${from}-to-${to}`; // a part that was cut off and its rest are accounts of their own
  const [result, pid] = [join(folder, "result.json"), join(folder, "pid")];
  mkdirSync(folder, { recursive: true });
  if (again) await ended(pid);
  if (read(result)?.at !== to) {
    const values = { ...point, from, to, folder };
    const words = command.map((word) => word.replace(/\{(\w+)\}/g, (all, key) => String(values[key] ?? all)));
    const left = Math.max(1e-6, maxUsd - spentFor(stretch)).toFixed(6);
    const flags = ["--budget", `${left}usd`, "--rate", `${rate}/h`, "--project", stretch];
    const anew = again ? ["--force", "goes on after a kill"] : [];
    const [first, ...rest] = [...program, "exec", ...flags, ...anew, ...(plan.exec_flags ?? []), "--", ...words];
    const child = spawn(first, rest, { stdio: "inherit" });
    writeFileSync(pid, String(child.pid));
    await new Promise((done) => child.once("close", done));
    rmSync(pid);
  }
  const { at = from, value = null } = read(result) ?? {};
  const status = at === to ? "reached" : at > from ? "cut" : "failed";
  return { status, at: Math.min(at, to), value: status === "reached" ? value : null, usd: spentFor(stretch) };
}

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

/** All that a stretch has cost, sittings that were killed included. */
function spentFor(stretch) {
  const [first, ...rest] = [...program, "spend", "--by", "project", "--json"];
  const { stdout } = spawnSync(first, rest, { encoding: "utf8" });
  return JSON.parse(stdout).groups.find((group) => group.name === stretch)?.microUsd / 1e6 || 0; // dollars
}

/** A kill of this script leaves the command under its meter: wait for it. */
async function ended(path) {
  const pid = Number(existsSync(path) ? readFileSync(path, "utf8") : 0);
  while (pid > 0 && isAlive(pid)) await wait(200);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
