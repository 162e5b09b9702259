/** @file Times optimizer steps of the built package and reads the process's peak memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measureMatrixRate, openModel, whyNotBf16 } from "@tunewise/engine";
import { openSafetensors } from "@tunewise/engine/weights";

/** Peak resident bytes of this process so far. */
export function peakBytes() {
  const status = readFileSync("/proc/self/status", "utf8");
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

/** Number format of products: `bf16` if this machine supports it, unless one is given. */
export async function computeOf(asked, threads) {
  if (asked === "fp32" || asked === "bf16") return asked;
  return (await whyNotBf16(threads)) === null ? "bf16" : "fp32";
}

/** Storage of the base weights, as a plan would choose it; the cache of derived data is beside the model. */
export function baseOptions(folder, { format, place = "memory", compute = "fp32" }) {
  const cache = { folder: join(folder, "cache"), modelKey: folder };
  const best = compute === "bf16" ? "stored" : "float32";
  return { format: format ?? best, place, compute, doubleQuantization: true, cache };
}

/** Opens a model folder with config.json and model.safetensors. */
export async function openFolder(folder, threads, how = {}) {
  const weights = await openSafetensors(join(folder, "model.safetensors"));
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const compute = await computeOf(how.compute, threads);
  const base = baseOptions(folder, { ...how, compute });
  return { model: await openModel({ config, weights }, { threads, base }), weights, config, compute };
}

/** A plan with the settings common to all benchmarks. */
export function trainPlan(changes) {
  return {
    epochs: 1,
    steps: null,
    batchSize: 1,
    gradientAccumulationSteps: 1,
    batching: "ordered",
    maxLength: 1024,
    learningRate: 2e-4,
    schedule: "constant",
    warmup: 0,
    optimizer: "adamw",
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    seed: 1,
    recompute: "auto",
    momentsPath: null,
    penalty: null,
    ...changes,
  };
}

/** Runs all steps; the first `warmup` are not timed. */
export async function timeSteps(trainer, warmup) {
  const steps = [];
  while (trainer.step < trainer.steps) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const outcome = await trainer.next();
    const used = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1000;
    steps.push({ ...outcome, seconds, cpuSeconds: (used.user + used.system) / 1e6 });
  }
  const timed = steps.slice(warmup);
  const sum = (read) => timed.reduce((total, step) => total + read(step), 0);
  return {
    losses: steps.map(({ loss }) => loss),
    secondsPerStep: timed.map(({ seconds }) => seconds),
    medianSecondsPerStep: median(timed.map(({ seconds }) => seconds)),
    seconds: sum(({ seconds }) => seconds),
    tokensPerSecond: sum(({ tokens }) => tokens) / sum(({ seconds }) => seconds),
    cpuSecondsPerStep: median(timed.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

/** The upper median. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Best rate of plain matrix products over several runs, in FLOP/s. */
export function matrixRate(threads, compute = "fp32") {
  return measureMatrixRate({ threads, compute }, () => performance.now() / 1000, 40);
}
