/** @file Fills a store with many small runs by writing tables directly, because the route functions take minutes. */
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";

const metricsOfRun = 6;
const paramsOfRun = 8;
const tagsOfRun = 3;
const statuses = ["completed", "completed", "completed", "failed", "stopped", "running"];

const source = (path) => tsImport(`../../packages/tracker/src/${path}`, import.meta.url);

/** A deterministic pseudo-random number in [0, 1). */
function chance(at, salt) {
  const x = Math.sin(at * 12.9898 + salt * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

const tables = {
  runs: {
    id: "text",
    project: "integer",
    name: "text",
    status: "text",
    stage: "text",
    client: "text",
    person: "text",
    purpose: "text",
    started_ms: "integer",
    ended_ms: "integer",
    seen_ms: "integer",
    wall_seconds: "real",
    spent_micro_usd: "integer",
  },
  series: {
    run: "integer",
    key: "text",
    last_step: "integer",
    last_ms: "integer",
    last_value: "real",
    last_special: "text",
    low: "real",
    high: "real",
    blocks: "integer",
    open_block: "text",
  },
  points: { series: "integer", step: "integer", ms: "integer", value: "real", special: "text" },
  params: { run: "integer", key: "text", value: "text" },
  tags: { run: "integer", key: "text", value: "text" },
};

function rowsOf(number, block) {
  const startMs = 1.7e12 + number * 1000;
  const id = `${number}`.padStart(32, "f");
  const status = statuses[number % statuses.length];
  const ended = status === "running" ? null : startMs + 600_000 + (number % 977) * 1000;
  const about = ["mlflow", `person ${number % 23}`, "experiment", startMs, ended, startMs + 700_000, 60];
  const series = [];
  const points = [];
  for (let key = 0; key < metricsOfRun; key++) {
    const value = chance(number, key);
    const at = (number - 1) * metricsOfRun + key + 1;
    series.push([number, `metric_${key}`, 1, startMs, value, "", value, value, 0, block(value, startMs)]);
    points.push([at, 1, startMs, value, ""]);
  }
  const params = Array.from({ length: paramsOfRun }, (_, key) => [
    number,
    `param_${key}`,
    `${(number * (key + 7)) % 5 ** (key + 1)}`,
  ]);
  const tags = Array.from({ length: tagsOfRun }, (_, key) => [
    number,
    `tag_${key}`,
    `value ${number % (key + 3)}`,
  ]);
  return {
    runs: [[id, 0, `run ${number}`, status, "active", ...about, Math.floor(chance(number, 99) * 5e6)]],
    series,
    points,
    params,
    tags,
  };
}

/** Opens a store: a folder, or the address of a PostgreSQL database. */
async function openRuns(place) {
  const track = await source("index.ts");
  const isAddress = place.startsWith("postgres");
  return { track, database: await track.openDatabase(isAddress ? place : join(place, "tunewise.db")) };
}

/** Fills a store with runs of 6 metrics (one point each), 8 parameters and 3 tags, unless it has runs. */
export async function fillRuns(place, runs) {
  const { track, database } = await openRuns(place);
  if ((await database.all("SELECT 1 FROM runs LIMIT 1")).length > 0) return { track, database };
  const { blockText, withPoint } = await source("points/block.ts");
  const block = (value, ms) => blockText(withPoint(null, { step: 1, ms, value }));
  const group = 2000;
  for (let from = 1; from <= runs; from += group) {
    const rows = { runs: [], series: [], points: [], params: [], tags: [] };
    for (let number = from; number < Math.min(from + group, runs + 1); number++) {
      for (const [table, some] of Object.entries(rowsOf(number, block))) rows[table].push(...some);
    }
    await database.transaction(async (transaction) => {
      for (const [table, some] of Object.entries(rows)) {
        await transaction.insert({ table, columns: tables[table] }, some);
      }
    });
  }
  await database.flush();
  return { track, database };
}
