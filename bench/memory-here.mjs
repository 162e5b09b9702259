/**
 * @file Compares the peak memory of real runs with the plan: planned low, expected and high, measured, error.
 *
 *     npm run build && npx tsx bench/memory-here.mjs [--models FOLDER] [--only PART_OF_NAME] [--trace] [--json FILE]
 *
 * Trains models with random weights, which are written to FOLDER the first time (about 3 GB). Each run is its own
 * process; its peak is the kernel's count (VmHWM), as in the run's report. `--json` writes the inputs of each plan and
 * the measurements; `packages/tunewise/src/plan/local/measured-here.json` is such a file.
 * Exits with 1 if a setting misses 10 %, the median misses 5 %, or the range covers less than 90 %.
 * Linux only.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { planRecipe } from "../packages/tunewise/src/app/plan/index.ts";
import { loadRecipe } from "../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../packages/tunewise/src/runtime/index.ts";
import { median } from "./measured-run.mjs";
import { modelFolder } from "./memory/models.mjs";
import { writeRows } from "./memory/rows.mjs";
import { recipeOf, settings } from "./memory/settings.mjs";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: join(tmpdir(), "tunewise-memory-models") },
    only: { type: "string", default: "" },
    trace: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const host = createRuntime(process.cwd(), new AbortController().signal, "bench");
const command = "npx tsx bench/memory-here.mjs --json packages/tunewise/src/plan/local/measured-here.json";
const asked = { all: 0.1, median: 0.05, covered: 0.9 };

mkdirSync(values.models, { recursive: true });
const rows = [];
/** Inputs of the forgetting measurement; equal for all models with the same tokenization. */
const forgettings = new Set();
print(["setting", "low", "planned", "high", "measured", "error", "covered", "peak in"]);
for (const setting of settings) {
  if (!setting.name.includes(values.only)) continue;
  const folder = mkdtempSync(join(tmpdir(), "tunewise-memory-"));
  try {
    const row = await measure(setting, folder);
    rows.push(row);
    const { low, expected, high } = row.planned;
    const sizes = [low, expected, high, row.measured].map((bytes) => (bytes / 1e6).toFixed(0));
    print([row.name, ...sizes, percent(row.error), row.isCovered ? "yes" : "no", row.peakPhase]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const errors = rows.map(({ error }) => Math.abs(error));
const found = {
  all: Math.max(...errors),
  median: median(errors),
  covered: rows.filter(({ isCovered }) => isCovered).length / rows.length,
};
console.log(
  `${rows.length} settings: largest error ${percent(found.all)}, median ${percent(found.median)}, ` +
    `covered ${percent(found.covered)}`,
);
if (values.json) {
  const facts = rows.map(({ planned, error, isCovered, peakPhase, ...row }) => JSON.stringify(row));
  const { node, platform, arch } = { ...process.versions, ...process };
  const machine = `${cpus().length} x ${cpus()[0]?.model}, ${(totalmem() / 1e9).toFixed(0)} GB, ${platform} ${arch}, Node ${node}`;
  const [forgetting, ...others] = [...forgettings].filter((text) => text !== "null");
  if (others.length > 0) throw new Error("forgetting reads other rows in one setting than in another");
  const head = `"command": ${JSON.stringify(command)},\n"machine": ${JSON.stringify(machine)},\n"forgetting": ${forgetting ?? null}`;
  writeFileSync(values.json, `{\n${head},\n"rows": [\n${facts.join(",\n")}\n]\n}\n`);
}
const isReached = found.all <= asked.all && found.median <= asked.median && found.covered >= asked.covered;
process.exitCode = isReached ? 0 : 1;

/** One run: the plan's inputs, the plan, and the measurements. */
async function measure(setting, folder) {
  const system = writeRows(folder, setting);
  const model = modelFolder(setting.model, values.models);
  const path = join(folder, "tunewise.yaml");
  writeFileSync(path, JSON.stringify(recipeOf(setting, model, system), null, 2));
  const { plan, prepared, input } = await planRecipe(await loadRecipe(path, host), host);
  await prepared.model.weights.close();
  forgettings.add(JSON.stringify(forgettingOf(input)));
  const { low, expected, high } = plan.memory.peakBytes;
  const { peak, trace } = await watchedRun(folder);
  if (values.trace)
    writeFileSync(`${setting.name}.trace.json`, JSON.stringify({ memory: plan.memory, trace }));
  return {
    name: setting.name,
    ...basisOf(prepared, input, recipeOf(setting, setting.model, system)),
    planned: { low, expected, high },
    measured: peak,
    error: expected / peak - 1,
    isCovered: low <= peak && peak <= high,
    peakPhase: plan.memory.peakPhase,
  };
}

/** The inputs of the memory plan, so that the plan can be recomputed without the run. */
function basisOf(prepared, input, recipe) {
  const { judging, machine, sharedPrefixTokens, lengths, forgetting } = input;
  return {
    recipe,
    config: prepared.model.config,
    storedWeightBytes: machine.storedWeightBytes,
    sharedPrefixTokens,
    judging,
    watches: forgetting !== null,
    lengths: Object.fromEntries(Object.entries(lengths).map(([split, part]) => [split, compact(part)])),
  };
}

/** Inputs of the forgetting measurement at each evaluation. */
function forgettingOf({ forgetting }) {
  if (forgetting === null) return null;
  return { rows: compact(forgetting.sample.rows), prompts: compact(forgetting.prompts) };
}

/** Row lengths in compact form. */
function compact(rows) {
  return rows.map((row) => [row.tokens, row.labelledTokens, row.promptTokens]);
}

/** Runs the recipe in a folder; returns the process's peak, and at each event the largest memory since the last one. */
function watchedRun(folder) {
  const child = spawn(process.execPath, [main, "run", "--yes", "--json"], { cwd: folder });
  const read = (name) => {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  };
  const [trace, state] = [[], { peak: 0, since: 0, text: "", complaint: "" }];
  const look = () => {
    try {
      state.peak = Math.max(state.peak, read("VmHWM"));
      state.since = Math.max(state.since, read("VmRSS"));
    } catch {
      // it has ended between two polls
    }
  };
  const timer = setInterval(look, 20);
  child.stderr.on("data", (piece) => {
    state.complaint += piece;
  });
  child.stdout.on("data", (piece) => {
    look();
    state.text += piece;
    const lines = state.text.split("\n");
    state.text = lines.pop();
    for (const line of lines) {
      // an event is one line; an error document has several
      if (line.startsWith('{"')) trace.push({ peak: state.peak, since: state.since, ...JSON.parse(line) });
      else state.complaint += `${line}\n`;
    }
    state.since = 0;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      clearInterval(timer);
      if (code === 0) resolve({ peak: state.peak, trace });
      else reject(new Error(`tunewise run ended with ${code ?? signal}: ${state.complaint.slice(-2000)}`));
    });
  });
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function print([name, ...cells]) {
  console.log(name.padEnd(22) + cells.map((cell) => cell.padStart(10)).join(""));
}
