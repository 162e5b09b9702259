/**
 * @file The same load for every server: raw HTTP over persistent connections, so that no client library is measured.
 */
import { Agent, request } from "node:http";

/** A client with the given number of connections. */
export function createClient(url, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const target = new URL(url);
  const send = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const asked = request(
        { agent, host: target.hostname, port: target.port, method, path, headers },
        (response) => {
          const chunks = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => resolve({ status: response.statusCode, bytes: Buffer.concat(chunks) }));
        },
      );
      asked.on("error", (error) => {
        // A server may close an idle connection just when it is reused; then the request is sent again.
        if (asked.reusedSocket && error.code === "ECONNRESET") resolve(send(method, path, body));
        else reject(error);
      });
      asked.end(text);
    });
  /** The reply's JSON. @throws if the request failed */
  const json = async (method, path, body) => {
    const { status, bytes } = await send(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${bytes.toString().slice(0, 300)}`);
    return JSON.parse(bytes.toString());
  };
  return { send, json, close: () => agent.destroy() };
}

const api = "/api/2.0/mlflow";

/** Creates a run; returns its id. */
export async function makeRun(client, experiment = "0") {
  const about = { experiment_id: experiment, start_time: Date.now(), tags: [] };
  return (await client.json("POST", `${api}/runs/create`, about)).run.info.run_id;
}

/** A batch of points that no earlier batch contains: 20 keys, increasing steps. */
export function batchText(run, points, number) {
  const metrics = [];
  for (let at = 0; at < points; at++) {
    const count = number * points + at;
    const step = Math.floor(count / 20);
    metrics.push({ key: `m${count % 20}`, value: Math.sin(count) + 1.5, timestamp: 1.7e12 + step, step });
  }
  return JSON.stringify({ run_id: run, metrics });
}

/**
 * Logs batches over several connections for some seconds, each connection to its own run.
 *
 * @returns points per second, and the median and 99th percentile of milliseconds per request
 */
export async function logFor(url, { points, connections, seconds }) {
  const client = createClient(url, connections);
  const took = [];
  let done = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const run = await makeRun(client);
      for (let number = 0; number === 0 || performance.now() < end; number++) {
        const body = batchText(run, points, number);
        const began = performance.now();
        const { status, bytes } = await client.send("POST", `${api}/runs/log-batch`, body);
        if (status !== 200) throw new Error(`log-batch: ${status} ${bytes.toString().slice(0, 300)}`);
        took.push(performance.now() - began);
        done += points;
      }
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  client.close();
  return { rate: done / elapsed, p50: quantile(took, 0.5), p99: quantile(took, 0.99), requests: took.length };
}

/** Milliseconds of one request. @throws if the request failed */
export async function timed(client, method, path, body) {
  const start = performance.now();
  const { status, bytes } = await client.send(method, path, body);
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${bytes.toString().slice(0, 300)}`);
  return { ms: performance.now() - start, bytes };
}

/** The value below which the given share of the values lies. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Requests the first page of runs of a table. */
export function searchRuns(client, experiment, most = 1000) {
  const body = { experiment_ids: [experiment], max_results: most, order_by: ["attributes.start_time DESC"] };
  return timed(client, "POST", `${api}/runs/search`, body);
}
