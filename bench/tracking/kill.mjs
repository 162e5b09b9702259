/**
 * @file Kills a server repeatedly while it works, and checks whether any acknowledged data is lost or duplicated.
 *
 *     npm run build
 *     node bench/tracking/kill.mjs [--store sqlite|postgres] [--postgres postgres://USER@HOST/NAME] [--times 50]
 *       [--source: runs the sources without a build]
 *
 * Four clients log batches to their own runs. Acknowledged batches must exist exactly once; other batches may exist or
 * not, but only as a whole. A run whose creation was acknowledged must exist.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { batchText, createClient, makeRun } from "./load.mjs";
import { freePort, freshFolder, startOurs } from "./servers.mjs";

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    postgres: { type: "string", default: process.env["TUNEWISE_TEST_POSTGRES"] ?? "" },
    times: { type: "string", default: "50" },
    source: { type: "boolean", default: false },
  },
});
const times = Number(values.times);
const clients = 4;
const pointsOfBatch = 100;
const keysOfRun = 20;

/** Creates a separate store, with a function that removes it. */
async function makeStore() {
  const folder = await freshFolder("kill");
  if (values.store === "sqlite") return { store: folder.path, artifacts: folder.path, drop: folder.remove };
  if (values.store !== "postgres" || values.postgres === "") {
    throw new Error("--store is sqlite, or postgres with --postgres ADDRESS or TUNEWISE_TEST_POSTGRES");
  }
  const { default: pg } = await import("pg");
  const admin = new pg.Client({ connectionString: values.postgres });
  await admin.connect();
  const name = `tunewise_kill_${randomBytes(6).toString("hex")}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const address = new URL(values.postgres);
  address.pathname = `/${name}`;
  const drop = async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    await folder.remove();
  };
  return { store: address.href, artifacts: folder.path, drop };
}

/** Logs until the server is gone; records the acknowledged batches, and the one that may have been written. */
async function logUntilGone(url, runs) {
  const client = createClient(url, 1);
  try {
    for (;;) {
      const id = await makeRun(client);
      const run = { id, acknowledged: 0, sent: 0 };
      runs.push(run);
      for (let number = 0; number < 25; number++) {
        run.sent = number + 1;
        const path = "/api/2.0/mlflow/runs/log-batch";
        await client.json("POST", path, batchText(id, pointsOfBatch, number));
        run.acknowledged = number + 1;
      }
    }
  } catch (error) {
    if (!/ECONNRESET|ECONNREFUSED|EPIPE|socket hang up|Parse Error/.test(`${error.code} ${error.message}`))
      throw error;
  } finally {
    client.close();
  }
}

/** Checks all runs and returns the number of points. @throws if a point is lost or duplicated */
async function check(url, runs) {
  const client = createClient(url, 1);
  let points = 0;
  for (const { id, acknowledged, sent } of runs) {
    const { run } = await client.json("GET", `/api/2.0/mlflow/runs/get?run_id=${id}`);
    if (run.info.run_id !== id) throw new Error(`run ${id} is lost`);
    const seen = new Set();
    for (let key = 0; key < keysOfRun; key++) {
      const path = `/api/2.0/mlflow/metrics/get-history?run_id=${id}&metric_key=m${key}`;
      for (const { step, value } of (await client.json("GET", path)).metrics ?? []) {
        const count = step * keysOfRun + key;
        if (seen.has(count)) throw new Error(`run ${id}: point ${count} is there twice`);
        if (Math.abs(value - (Math.sin(count) + 1.5)) > 1e-12)
          throw new Error(`run ${id}: point ${count} is ${value}`);
        seen.add(count);
      }
    }
    for (let count = 0; count < acknowledged * pointsOfBatch; count++) {
      if (!seen.has(count)) throw new Error(`run ${id}: point ${count} was acknowledged and is lost`);
    }
    const isWhole = seen.size % pointsOfBatch === 0 && seen.size <= sent * pointsOfBatch;
    if (!isWhole) throw new Error(`run ${id}: ${seen.size} points of batches of ${pointsOfBatch}`);
    points += seen.size;
  }
  client.close();
  return points;
}

const { store, artifacts, drop } = await makeStore();
const port = await freePort();
const all = [];
let points = 0;
try {
  for (let at = 0; at < times; at++) {
    const server = await startOurs(store, { port, artifacts, isSource: values.source });
    const runs = [];
    const working = Array.from({ length: clients }, () => logUntilGone(server.url, runs));
    await wait(150 + Math.random() * 850);
    await server.kill();
    await Promise.all(working);
    // The next process checks some runs at once; all runs are checked at the end.
    all.push(...runs);
  }
  const server = await startOurs(store, { port, artifacts, isSource: values.source });
  try {
    points = await check(server.url, all);
  } finally {
    await server.stop();
  }
} finally {
  await drop();
}
const open = all.filter(({ acknowledged, sent }) => sent > acknowledged).length;
process.stdout.write(
  `${times} kills, ${all.length} runs, ${points} points: none lost, none twice (${open} batches were on their way)\n`,
);
