/**
 * @file Fills stores without a server, which saves hours: ours through the functions behind its routes, MLflow's by
 * SQL.
 */
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";

const metricsOfRun = 20;
const paramsOfRun = 40;
const tagsOfRun = 5;

/** The data of run `at`; the same for both stores. */
function runOf(at) {
  return {
    id: `${at}`.padStart(32, "f"),
    startMs: 1.7e12 + at * 1000,
    metrics: Array.from({ length: metricsOfRun }, (_, key) => ({
      key: `metric_${key}`,
      value: Math.sin(at * 31 + key),
      ms: 1.7e12 + at,
      step: at % 7,
    })),
    params: Array.from({ length: paramsOfRun }, (_, key) => ({
      key: `param_${key}`,
      value: `value ${at % (key + 2)}`,
    })),
    tags: Array.from({ length: tagsOfRun }, (_, key) => ({ key: `tag_${key}`, value: `${at % (key + 3)}` })),
  };
}

const source = (path) => tsImport(`../../packages/tracker/src/${path}`, import.meta.url);

/** Opens our store in a folder of `tunewise serve`. */
async function openOurs(folder) {
  const track = await source("index.ts");
  const database = await track.openDatabase(join(folder, "tunewise.db"));
  return { ...track, database, write: track.createWriter(database) };
}

/** Adds runs to project 0. */
export async function fillOurs(folder, runs) {
  const { database, write, addTrackedRun, logBatch } = await openOurs(folder);
  const group = 500;
  for (let from = 0; from < runs; from += group) {
    await write(async (transaction) => {
      for (let at = from; at < Math.min(from + group, runs); at++) {
        const { id, startMs, metrics, params, tags } = runOf(at);
        const about = {
          name: `run ${at}`,
          status: "completed",
          client: "mlflow",
          person: "bench",
          purpose: "experiment",
        };
        const none = { fingerprint: null, family: null, tags: [] };
        await addTrackedRun(transaction, { id, project: 0, startedMs: startMs, ...about, ...none });
        await logBatch(transaction, id, { metrics, params, tags }, startMs);
      }
    });
  }
  await database.close();
}

/** Adds one run with many points of one metric and a spike among them; returns the run's id. */
export async function fillHistory(folder, points) {
  const { database, write, addTrackedRun, logBatch } = await openOurs(folder);
  const id = "e".repeat(32);
  const about = { name: "long", status: "running", client: "mlflow", person: "bench", purpose: "experiment" };
  const none = { fingerprint: null, family: null, tags: [] };
  await write((transaction) =>
    addTrackedRun(transaction, { id, project: 0, startedMs: 1.7e12, ...about, ...none }),
  );
  const batch = 5000;
  for (let from = 0; from < points; from += batch) {
    const metrics = Array.from({ length: Math.min(batch, points - from) }, (_, at) => {
      const step = from + at;
      return {
        key: "loss",
        value: step === spikeAt(points) ? 1000 : 1 + Math.sin(step / 1000),
        ms: 1.7e12 + step,
        step,
      };
    });
    await write((transaction) => logBatch(transaction, id, { metrics, params: [], tags: [] }, 1.7e12));
  }
  await database.close();
  return id;
}

/** Position of the single spike of a long history; not at a regular interval. */
export function spikeAt(points) {
  return Math.floor(points * 0.6180339) + 1;
}

/** Adds runs to experiment 0 of a store that MLflow has created. */
export async function fillMlflow(folder, runs) {
  const { loadDriver } = await source("database/sqlite.ts");
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(join(folder, "mlflow.db"));
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  const run = database.prepare(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
       source_version, lifecycle_stage, artifact_uri, experiment_id)
     VALUES (?, ?, 'UNKNOWN', '', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, 0)`,
  );
  const point = database.prepare(
    "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
  );
  const latest = database.prepare(
    "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
  );
  const param = database.prepare("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)");
  const tag = database.prepare("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)");
  for (let at = 0; at < runs; at++) {
    const { id, startMs, metrics, params, tags } = runOf(at);
    run.run(id, `run ${at}`, startMs, startMs + 1000, `mlflow-artifacts:/0/${id}/artifacts`);
    for (const { key, value, ms, step } of metrics) {
      point.run(key, value, ms, id, step);
      latest.run(key, value, ms, id, step);
    }
    for (const { key, value } of params) param.run(key, value, id);
    for (const { key, value } of [...tags, { key: "mlflow.runName", value: `run ${at}` }])
      tag.run(key, value, id);
  }
  database.exec("COMMIT");
  database.close();
}
