/**
 * @file Simulates many workers of a cluster: each logs the metrics of a step every second over its own connection.
 * Measures the response time, counted from when a request was due, and whether any data is lost.
 *
 *     node bench/tracking/many.mjs [--workers 1000] [--minutes 10] [--source]
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, makeRun } from "./load.mjs";
import { freshFolder, startOurs } from "./servers.mjs";

const api = "/api/2.0/mlflow";
const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "1000" },
    minutes: { type: "string", default: "10" },
    source: { type: "boolean", default: false },
  },
});
const [workers, seconds] = [Number(values.workers), Math.round(60 * Number(values.minutes))];
const keys = ["loss", "learning_rate", "gradient_norm", "tokens", "seconds"];

const folder = await freshFolder("many");
const server = await startOurs(folder.path, { isSource: values.source });
const client = createClient(server.url, workers);
try {
  const runs = [];
  for (let at = 0; at < workers; at++) runs.push(await makeRun(client));
  const took = [];
  let failed = 0;
  const start = performance.now() + 1000;
  const work = async (run, at) => {
    for (let step = 0; step < seconds; step++) {
      // spread over the second, like independent workers
      const due = start + 1000 * step + (1000 * at) / workers;
      await wait(Math.max(0, due - performance.now()));
      const metrics = keys.map((key, index) => ({
        key,
        value: step + index,
        timestamp: 1.7e12 + step,
        step,
      }));
      const { status } = await client.send("POST", `${api}/runs/log-batch`, { run_id: run, metrics });
      if (status !== 200) failed++;
      took.push(performance.now() - due);
    }
  };
  await Promise.all(runs.map(work));
  const resident = await server.residentBytes();
  let lost = 0;
  for (const run of runs) {
    const query = `run_id=${run}&metric_key=loss&max_results=${seconds}`;
    const { metrics = [] } = await client.json("GET", `${api}/metrics/get-history?${query}`);
    lost += seconds - new Set(metrics.map(({ step }) => step)).size;
  }
  took.sort((a, b) => a - b);
  const at = (share) => Math.round(took[Math.min(took.length - 1, Math.floor(share * took.length))]);
  const milliseconds = { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: at(1) };
  console.log(
    JSON.stringify({ workers, seconds, requests: took.length, failed, lost, milliseconds, resident }),
  );
  process.exitCode = failed === 0 && lost === 0 ? 0 : 1;
} finally {
  client.close();
  await server.stop();
  await folder.remove();
}
