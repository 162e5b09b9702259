/**
 * @file Computes the requirements and costs of fine-tuning 8, 70 and 405 billion weights on named machines, for the
 * tables of docs/scale.md.
 *
 *     TUNEWISE_PYTHON=/path/to/python npx tsx bench/plan/scale.mjs [8b|70b|405b|full|lora|qlora ...]
 *
 * One epoch of 10,000 rows of 1,000 tokens, 300 of them labelled; 64 rows per step. The worker traces steps without
 * weights and without a GPU: for each machine the fastest layout that may fit, until a traced one fits. Without
 * `TUNEWISE_PYTHON`, all rows are estimated by rules. Traces are cached (`TUNEWISE_CACHE`). Prices are those of the
 * snapshot: the cheapest offer of each machine with enough host memory; several machines in one network only at clouds
 * that offer it.
 */
import {
  describeModel,
  findDevice,
  knownConfig,
  shippedPrices,
} from "../../packages/tunewise/src/catalog/index.ts";
import { traceSteps } from "../../packages/tunewise/src/executors/index.ts";
import { traceKey } from "../../packages/tunewise/src/plan/index.ts";
import { rentConstants } from "../../packages/tunewise/src/plan/place/constants.ts";
import { durationOf } from "../../packages/tunewise/src/plan/place/duration.ts";
import { fitJob, roomOf } from "../../packages/tunewise/src/plan/place/fit.ts";
import { jobOf } from "../../packages/tunewise/src/plan/place/job.ts";
import { checkpointBytes, hostBytes, wholeStates } from "../../packages/tunewise/src/plan/stack/states.ts";
import { nextTrace } from "../../packages/tunewise/src/plan/trace/wanted.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { recipeOf } from "../../test/support/plan-inputs.ts";

const data = { rows: 10_000, tokens: 1_000, labelled: 300, rowsPerStep: 64 };
/** Clouds that connect machines with eight GPUs by a fast network. */
const networked = ["aws", "gcp", "azure", "nebius", "lambda"];
/** Assumed time between preemptions of a spot machine, in seconds. */
const untilPreempted = 7200;

/**
 * Machines by method, additional recipe settings, and the max. number of traced layouts per machine. Large models
 * recompute their layers, so each trace takes minutes.
 */
const models = {
  "8b": {
    id: "meta-llama/Llama-3.1-8B",
    training: "",
    plan: "",
    traces: 8,
    machines: {
      qlora: ["1x L40S", "1x H100-SXM", "8x H100-SXM"],
      lora: ["1x L40S", "1x H100-SXM", "8x H100-SXM"],
      full: ["1x H100-SXM", "8x H100-SXM"],
    },
  },
  "70b": {
    id: "meta-llama/Llama-3.1-70B",
    training: ", gradient_checkpointing: layer",
    traces: 4,
    plan: "plan: { sharding: fsdp }",
    machines: {
      qlora: ["1x H100-SXM", "8x H100-SXM"],
      lora: ["1x H100-SXM", "8x H100-SXM", "8x H200", "16x H100-SXM"],
      full: ["8x H200", "16x H100-SXM", "16x H200"],
    },
  },
  "405b": {
    id: "meta-llama/Llama-3.1-405B",
    training: ", gradient_checkpointing: layer",
    traces: 1,
    plan: "plan: { sharding: fsdp }",
    machines: {
      qlora: ["8x H200"],
      lora: ["8x H100-SXM", "8x H200", "16x H100-SXM", "32x H100-SXM", "64x H100-SXM"],
      full: ["64x H100-SXM", "64x H200"],
    },
  },
};

const runtime = createRuntime(process.cwd(), new AbortController().signal, "0");
const number = (value) => (value >= 10 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(2));
const span = ({ low, high }, unit = 1) => `${number(low / unit)}-${number(high / unit)}`;
const dollars = (value) => `$${value >= 10 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2)}`;

/** A job that only trains. */
function trainingJob({ id, training, plan }, kind, traces) {
  const config = knownConfig(id);
  const { model } = describeModel(config);
  const row = {
    tokens: data.tokens,
    labelledTokens: data.labelled,
    promptTokens: data.tokens - data.labelled,
  };
  const steps = `batch_size: 8, gradient_accumulation_steps: ${data.rowsPerStep / 8}, epochs: 1${training}`;
  const more = `method: { kind: ${kind} }
training: { ${steps} }
${plan}`;
  const chunks = (lengths, { batchSize }) =>
    Array.from({ length: Math.floor(lengths.length / batchSize) }, (_, at) =>
      Array.from({ length: batchSize }, (__, place) => at * batchSize + place),
    );
  const job = jobOf({
    recipe: recipeOf(more),
    model,
    order: chunks,
    traces,
    lengths: { train: Array(data.rows).fill(row), validation: [], test: [] },
    judging: { answers: false, loss: false, detectableEffect: null },
    schedule: { steps: Math.ceil(data.rows / data.rowsPerStep), evaluations: 0, checkpoints: 1 },
  });
  return { job, config };
}

/** The layout on a machine, from traces if the worker is available and can load the model. */
async function laidOut(of, kind, room, isTraced) {
  const traces = new Map();
  for (let round = 0; round < of.traces && isTraced; round++) {
    const { job, config } = trainingJob(of, kind, traces);
    const request = nextTrace(job, room);
    if (request === null) break;
    const asked = { config, requests: [request], seconds: 600, onStart: () => {} };
    const step = (await traceSteps(asked, runtime)).get(traceKey(request));
    if (step === undefined) break;
    traces.set(traceKey(request), step);
  }
  const { job } = trainingJob(of, kind, traces);
  return { job, fitted: fitJob(job, room) };
}

/** The cheapest offer of a number of machines; prefers those with enough host memory. */
function offerOf(device, count, pricing, host) {
  const machines = Math.max(1, count / 8);
  const offers = shippedPrices().machines.filter(
    (one) =>
      one.device === device.name &&
      one.deviceCount === count / machines &&
      one.pricing === pricing &&
      (machines === 1 || networked.includes(one.provider)),
  );
  const roomy = offers.filter(({ memoryBytes }) => memoryBytes === null || memoryBytes >= host);
  const [best] = (roomy.length > 0 ? roomy : offers).toSorted((a, b) => a.usdPerHour - b.usdPerHour);
  if (best === undefined) return null;
  const isRoomy = roomy.length > 0;
  return {
    provider: best.provider,
    usdPerHour: (machines * best.usdPerHour) / 1e6,
    isRoomy,
    source: best.source,
  };
}

async function rowOf(of, kind, machine) {
  const [, text, name] = /^(\d+)x (.+)$/.exec(machine);
  const [count, { device }] = [Number(text), findDevice(name)];
  const room = roomOf(device, count, device.memoryBytes.low);
  const whole = wholeStates(fitJob(trainingJob(of, kind, new Map()).job, room).worst);
  // the 4-bit codes are created on one GPU before they are sharded: docs/worker.md
  const isLoadable = kind !== "qlora" || whole.weights <= room.usableBytes;
  const isTraced = isLoadable && runtime.environment.TUNEWISE_PYTHON !== undefined;
  const { job, fitted } = await laidOut(of, kind, room, isTraced);
  const { memory, layout, worst, by } = fitted;
  const machines = Math.max(1, count / 8);
  const host = hostBytes(worst, count / machines);
  const offers = ["on-demand", "spot"].map((pricing) => offerOf(device, count, pricing, host));
  const isHosted = offers.some((one) => one?.isRoomy);
  const duration = durationOf(job, fitted, device, false);
  const fits = !isLoadable ? "no: loading" : fitted.fits !== "no" && !isHosted ? "no: host" : fitted.fits;
  return {
    kind,
    machine,
    count,
    machines,
    memory,
    layout,
    by,
    host,
    whole,
    fits,
    offers,
    duration,
    worst,
    fitted,
  };
}

/** Seconds of a run, including repeated work on spot machines. */
function seconds({ train, start }, isSpot) {
  const again = isSpot ? { low: 1, high: 1.4 } : { low: 1, high: 1 };
  return { low: again.low * (train.low + start.low), high: again.high * (train.high + start.high) };
}

function costOf(offer, duration, isSpot) {
  if (offer === null) return "no offer";
  const { low, high } = seconds(duration, isSpot);
  const cost = (length) => dollars((length / 3600) * offer.usdPerHour);
  return `${cost(low)}-${cost(high)} (${offer.provider} ${dollars(offer.usdPerHour)}/h)`;
}

function printRow(row) {
  const { kind, machine, memory, layout, by, fits, offers, duration } = row;
  const { low, expected, high } = memory.process;
  const peak = `${span({ low, high }, 1e9)}, ${number(expected / 1e9)} ${by}`;
  const cells = [kind, machine, peak, fits];
  if (fits.startsWith("no")) return console.log(`| ${[...cells, "", "", "", ""].join(" | ")} |`);
  const shared = layout.sharding === "fsdp" ? ", fsdp" : "";
  const how = `${layout.rows} x ${layout.microBatches}${layout.recompute === "layer" ? ", again" : ""}${shared}`;
  const hours = span(duration.train, 3600);
  const costs = offers.map((offer, at) => costOf(offer, duration, at === 1));
  return console.log(`| ${[...cells, how, hours, ...costs].join(" | ")} |`);
}

/** Prints the data that a step moves between GPUs and between machines. */
function printNetwork({ kind, machine, layout, machines, count, whole, worst, fitted }) {
  const isShared = layout.sharding === "fsdp";
  const { total } = worst.model.parameters;
  // all weights before each pass of each micro-batch; gradients once, or twice if all GPUs keep the sum
  const gathered = isShared ? 2 * layout.microBatches * Math.min(whole.weights, 2 * total) : 0;
  const moved = gathered + 4 * whole.trainedCount * (isShared ? 1 : 2);
  const share = (parts) => (moved * (parts - 1)) / parts;
  const step = fitted.speed.stepSeconds;
  const between = machines > 1 ? `${number(share(machines) / 1e9)} GB` : "-";
  const rate =
    machines > 1
      ? `${number((8 * share(machines)) / step.high / 1e9)}-${number((8 * share(machines)) / step.low / 1e9)}`
      : "-";
  const cells = [
    kind,
    machine,
    span(step),
    count > 1 ? `${number(share(count) / 1e9)} GB` : "-",
    between,
    rate,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/**
 * Prints the data on disk and in host memory, and the cost of a preemption with checkpoints at the optimum interval.
 *
 * @source Young 1974, "A first order approximation to the optimum checkpoint interval", CACM 17(9): the root of twice
 *   the time to save and the time between failures
 */
function printStorage({ kind, machine, whole, worst, host, duration, offers }) {
  const { total } = worst.model.parameters;
  const checkpoint = checkpointBytes(worst);
  const result = kind === "full" ? 2 * total : 4 * whole.trainedCount;
  const { low, expected, high } = rentConstants.saveBytesPerSecond;
  const save = { low: checkpoint / high, expected: checkpoint / expected, high: checkpoint / low };
  const interval = Math.sqrt(2 * save.expected * untilPreempted);
  const spot = offers[1];
  const cost = (seconds) => dollars((seconds / 3600) * (spot?.usdPerHour ?? 0));
  const again = spot
    ? `${cost(duration.start.low)}-${cost(interval + save.high + duration.start.high)}`
    : "no offer";
  const sizes = [2 * total, host, checkpoint, result].map((size) => number(size / 1e9));
  const cells = [kind, machine, ...sizes, span(save), number(interval / 60), span(duration.start, 60), again];
  console.log(`| ${cells.join(" | ")} |`);
}

async function run() {
  const wanted = process.argv.slice(2);
  const isWanted = (name, all) => wanted.includes(name) || !all.some((one) => wanted.includes(one));
  const sources = new Set();
  for (const [name, of] of Object.entries(models)) {
    if (!isWanted(name, Object.keys(models))) continue;
    const rows = [];
    console.log(`\n${of.id}\n`);
    console.log("| method | machine | GB of a card | fits | layout | hours of training | on demand | spot |");
    console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (const [kind, machines] of Object.entries(of.machines)) {
      if (!isWanted(kind, Object.keys(of.machines))) continue;
      for (const machine of machines) {
        const row = await rowOf(of, kind, machine);
        printRow(row);
        rows.push(row);
        for (const offer of row.offers)
          if (offer) sources.add(`${offer.source.name}, read ${offer.source.readOn}`);
      }
    }
    const fitting = rows.filter(({ fits }) => !fits.startsWith("no"));
    const head = (names) => `\n| ${names.join(" | ")} |\n|${" --- |".repeat(names.length)}`;
    const ofNetwork = ["s a step", "to a card", "to a machine", "Gb/s"];
    console.log(head(["method", "machine", ...ofNetwork]));
    for (const row of fitting) printNetwork(row);
    const sizes = ["weights GB", "host GB", "checkpoint GB", "result GB"];
    const times = ["s to save", "min between", "min to begin", "a preemption"];
    console.log(head(["method", "machine", ...sizes, ...times]));
    for (const row of fitting) printStorage(row);
  }
  console.log(`\nprices: ${[...sources].join("; ")}`);
}

await run();
