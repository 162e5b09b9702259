/**
 * @file Training steps of the engine on one row of random tokens, loss on all tokens; see peers/torch-step.py.
 *
 *   npx tsx bench/engine-step.ts MODEL_FOLDER [--tokens 512] [--steps 10] [--rank 8] [--threads 2] [--recompute none]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openSafetensors } from "../src/engine/files/safetensors.ts";
import { openModel } from "../src/engine/language-model.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: "string", default: "512" },
    steps: { type: "string", default: "10" },
    rank: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
    recompute: { type: "string", default: "none" },
  },
});
const [folder] = positionals;
if (!folder) throw new Error("usage: npx tsx bench/engine-step.ts MODEL_FOLDER");
const [tokens, steps, rank] = [Number(values.tokens), Number(values.steps), Number(values.rank)];

const weights = await openSafetensors(join(folder, "model.safetensors"));
const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>;
const opened = performance.now();
const model = await openModel({ config, weights }, { threads: Number(values.threads) });
await weights.close();
const openSeconds = (performance.now() - opened) / 1000;
const settings = { rank, alpha: 2 * rank, rslora: false, dropout: 0, baseModel: folder, revision: "" };
const adapter = model.createAdapter({ ...settings, targets: "all-linear" }, 1);
let state = 7;
const ids = Int32Array.from({ length: tokens }, () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state % model.vocabularySize;
});
const labelled = new Uint8Array(tokens).fill(1);
labelled[0] = 0;
const trainer = model.createTrainer(adapter, [{ ids, labelled, promptLength: 1, example: 0 }], {
  epochs: 1,
  steps: steps + 2,
  batchSize: 1,
  accumulation: 1,
  batching: "ordered",
  maxLength: tokens,
  learningRate: 2e-4,
  schedule: "constant",
  warmup: 0,
  optimizer: "adamw",
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 1,
  seed: 1,
  recompute: values.recompute as "auto" | "none" | "layer",
});
const secondsPerStep: number[] = [];
const cpuSeconds: number[] = [];
const losses: number[] = [];
for (let step = 0; step < steps + 2; step++) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  losses.push((await trainer.next()).loss);
  if (step < 2) continue;
  secondsPerStep.push((performance.now() - start) / 1000);
  const used = process.cpuUsage(cpu);
  cpuSeconds.push((used.user + used.system) / 1e6);
}
const sorted = [...secondsPerStep].sort((a, b) => a - b);
const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
const peak = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
console.log(
  JSON.stringify({
    tokens,
    openSeconds,
    medianSecondsPerStep: median,
    bestSecondsPerStep: sorted[0],
    leastCpuSecondsPerStep: Math.min(...cpuSeconds),
    tokensPerSecond: tokens / median,
    bestTokensPerSecond: tokens / (sorted[0] ?? 1),
    losses: losses.slice(0, 4),
    peakBytes: Number(peak) * 1024,
  }),
);
await model.close();
