/**
 * @file Compares the tracking server with MLflow's: the same load on the same machine, interleaved, with ratios per
 * round.
 *
 *     python3 -m venv VENV && VENV/bin/pip install mlflow==3.17.2 && npm run build
 *     node bench/tracking/compare.mjs --mlflow-python VENV/bin/python [--rounds 5] [--seconds 10] [--runs 20000]
 *       [--many-runs 100000] [--points 1000000] [--only log,search,many,history,start]
 *
 * Run nothing else on the machine meanwhile. Prints a table, and with --json FILE writes all results.
 */
import { writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { fillHistory, fillMlflow, fillOurs, spikeAt } from "./fill.mjs";
import { createClient, logFor, quantile, searchRuns, timed } from "./load.mjs";
import { freshFolder, startMlflow, startOurs } from "./servers.mjs";

const { values } = parseArgs({
  options: {
    "mlflow-python": { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    runs: { type: "string", default: "20000" },
    "many-runs": { type: "string", default: "100000" },
    points: { type: "string", default: "1000000" },
    only: { type: "string", default: "log,search,many,history,start" },
    json: { type: "string" },
  },
});
const python = values["mlflow-python"];
const parts = {
  start: compareStart,
  log: compareLogging,
  search: compareSearch,
  many: measureMany,
  history: measureHistory,
};
const chosen = values.only.split(",");
for (const name of chosen) {
  if (!Object.hasOwn(parts, name))
    throw new Error(`--only knows ${Object.keys(parts).join(", ")}, not ${name}`);
  if (!python && name !== "many" && name !== "history") {
    throw new Error(`--mlflow-python names an interpreter with mlflow, which ${name} needs`);
  }
}
const [rounds, seconds, runs, manyRuns, points] = [
  ...["rounds", "seconds", "runs", "many-runs", "points"].map((name) => Number(values[name])),
];
const results = {};

/** Wait after the first answer, because MLflow's workers start one after the other. */
const settleMs = 5000;

/** Creates folders and servers, runs the task, and removes them. */
async function withServers(work) {
  const folders = [];
  const servers = [];
  const folder = async (name) => {
    const made = await freshFolder(name);
    folders.push(made);
    return made.path;
  };
  const keep = async (starting) => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  try {
    return await work({ folder, keep });
  } finally {
    for (const server of servers) await server.stop();
    for (const one of folders) await one.remove();
  }
}

const median = (list) => quantile(list, 0.5);

/** Median, min. and max. of paired ratios, ours to theirs if more is better. */
function ratios(list) {
  return { median: median(list), least: Math.min(...list), most: Math.max(...list) };
}

function show(title, entry) {
  results[title] = entry;
  const round = (value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
  process.stdout.write(`\n${title}\n`);
  for (const [name, value] of Object.entries(entry)) {
    const text = typeof value === "object" ? JSON.stringify(value, (_, one) => round(one)) : round(value);
    process.stdout.write(`  ${name.padEnd(28)}${text}\n`);
  }
}

/** Logs batches of points over four connections, round by round. */
async function compareLogging() {
  await withServers(async ({ folder, keep }) => {
    const ours = await keep(startOurs(await folder("ours")));
    const theirs = await keep(startMlflow(python, await folder("mlflow")));
    await wait(settleMs);
    for (const size of [1000, 10]) {
      const load = { points: size, connections: 4, seconds };
      for (const { url } of [ours, theirs]) await logFor(url, { ...load, seconds: Math.min(2, seconds) });
      const pairs = [];
      for (let at = 0; at < rounds; at++) {
        // Alternate the order, so that neither server always runs first.
        const order = at % 2 === 0 ? [ours, theirs] : [theirs, ours];
        const got = new Map();
        for (const server of order) got.set(server, await logFor(server.url, load));
        pairs.push([got.get(ours), got.get(theirs)]);
      }
      show(`log-batch of ${size} points, 4 connections, points/s`, {
        tunewise: median(pairs.map(([one]) => one.rate)),
        mlflow: median(pairs.map(([, one]) => one.rate)),
        "tunewise ms p50, p99": [
          median(pairs.map(([one]) => one.p50)),
          median(pairs.map(([one]) => one.p99)),
        ],
        "mlflow ms p50, p99": [
          median(pairs.map(([, one]) => one.p50)),
          median(pairs.map(([, one]) => one.p99)),
        ],
        ratio: ratios(pairs.map(([one, other]) => one.rate / other.rate)),
      });
    }
    const mebibytes = async (server) => (await server.residentBytes()) / 2 ** 20;
    show("memory after that load, MiB", { tunewise: await mebibytes(ours), mlflow: await mebibytes(theirs) });
  });
}

/** Times of the first page of 1,000 runs: first after a start, then repeatedly. */
async function searchTimes(server) {
  const client = createClient(server.url, 1);
  const cold = await searchRuns(client, "0");
  const found = JSON.parse(cold.bytes.toString()).runs.length;
  const warm = [];
  for (let at = 0; at < Math.max(3, rounds); at++) warm.push((await searchRuns(client, "0")).ms);
  client.close();
  return { cold: cold.ms, warm, found };
}

async function compareSearch() {
  await withServers(async ({ folder, keep }) => {
    const [ourFolder, theirFolder] = [await folder("ours"), await folder("mlflow")];
    await fillOurs(ourFolder, runs);
    const making = await startMlflow(python, theirFolder);
    await making.stop();
    await fillMlflow(theirFolder, runs);
    const ours = await searchTimes(await keep(startOurs(ourFolder)));
    const theirServer = await keep(startMlflow(python, theirFolder));
    await wait(settleMs);
    const theirs = await searchTimes(theirServer);
    show(`a page of ${ours.found} runs of ${runs}, ms`, {
      "tunewise cold": ours.cold,
      "mlflow cold": theirs.cold,
      "tunewise warm": median(ours.warm),
      "mlflow warm": median(theirs.warm),
      "ratio warm": ratios(ours.warm.map((ms, at) => theirs.warm[at] / ms)),
    });
  });
}

async function measureMany() {
  await withServers(async ({ folder, keep }) => {
    const place = await folder("many");
    await fillOurs(place, manyRuns);
    const { cold, warm, found } = await searchTimes(await keep(startOurs(place)));
    show(`a page of ${found} runs of ${manyRuns}, ms (asked: below 250)`, {
      cold,
      warm: median(warm),
      worst: Math.max(...warm),
    });
  });
}

async function measureHistory() {
  await withServers(async ({ folder, keep }) => {
    const place = await folder("history");
    const id = await fillHistory(place, points);
    const { url } = await keep(startOurs(place));
    const client = createClient(url, 1);
    const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${id}&metric_key=loss&max_results=1000`;
    const took = [];
    let shown = [];
    for (let at = 0; at < Math.max(3, rounds) + 1; at++) {
      const { ms, bytes } = await timed(client, "GET", path);
      took.push(ms);
      shown = JSON.parse(bytes.toString()).metrics;
    }
    client.close();
    const highest = shown.reduce((most, one) => (one.value > most.value ? one : most));
    if (highest.step !== spikeAt(points)) throw new Error("the spike is lost");
    show(`a chart of ${points} points, ms (asked: below 100)`, {
      cold: took[0],
      warm: median(took.slice(1)),
      worst: Math.max(...took.slice(1)),
      "points shown, spike kept": shown.length,
    });
  });
}

async function compareStart() {
  const took = { tunewise: [], mlflow: [] };
  const memory = { tunewise: [], mlflow: [] };
  for (let at = 0; at < rounds; at++) {
    for (const name of ["tunewise", "mlflow"]) {
      await withServers(async ({ folder, keep }) => {
        const place = await folder(name);
        const server = await keep(name === "mlflow" ? startMlflow(python, place) : startOurs(place));
        took[name].push(server.startSeconds);
        await wait(1000);
        memory[name].push((await server.residentBytes()) / 2 ** 20);
      });
    }
  }
  show("from start to the first answer, s (asked: below 1)", {
    tunewise: median(took.tunewise),
    mlflow: median(took.mlflow),
  });
  show("memory at rest, MiB (asked: below 150)", {
    tunewise: median(memory.tunewise),
    mlflow: median(memory.mlflow),
  });
}

for (const name of chosen) await parts[name]();
if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
