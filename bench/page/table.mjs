/**
 * @file Server time of the table of runs: median wall time of five requests, each in an order that is not cached, and
 * the CPU time.
 *
 *     node bench/page/table.mjs --runs 100000 [--store FOLDER or postgres://...]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillRuns } from "./fill.mjs";

const { values } = parseArgs({ options: { runs: { type: "string" }, store: { type: "string" } } });
const runs = Number(values.runs ?? 100_000);
const folder = values.store ?? (await mkdtemp(join(tmpdir(), "bench-table-")));
const { track, database } = await fillRuns(folder, runs);

const metric = (key) => ({ of: "metric", key });
const param = (key) => ({ of: "param", key });
const attribute = (name) => ({ of: "attribute", name });
const order = (column, isDescending = false) => [{ column, isDescending }];
const compare = (field, comparison, ...list) => ({ field, comparison, values: list });
const columns = [
  ...["name", "status", "start_time", "duration", "person", "spent", "waste"].map(attribute),
  ...[0, 1, 2, 3, 4, 5].map((at) => metric(`metric_${at}`)),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((at) => param(`param_${at}`)),
  ...[0, 1, 2].map((at) => ({ of: "tag", key: `tag_${at}` })),
  { of: "curve", key: "metric_0" },
];
const base = {
  scope: { projects: [0], readable: null, stage: "active" },
  where: null,
  order: [],
  columns,
  group: [],
  pinned: [],
  offset: 0,
  limit: 50,
  revision: null,
};
const half = compare(metric("metric_1"), "<", 0.5);
const rank = compare(param("param_2"), "IN", 4, 8, 16);

const questions = [
  ["first 50 rows", base],
  ["sort by a metric", { ...base, order: order(metric("metric_3")) }],
  ["sort by a metric, downwards", { ...base, order: order(metric("metric_4"), true) }],
  ["sort by a parameter", { ...base, order: order(param("param_7")) }],
  [
    "sort by spent, then a metric",
    { ...base, order: [...order(attribute("spent"), true), ...order(metric("metric_2"))] },
  ],
  [
    "sort by four columns, the most there may be",
    {
      ...base,
      order: [0, 1, 2, 3].flatMap((at) =>
        order(at % 2 === 0 ? metric(`metric_${at}`) : param(`param_${at}`)),
      ),
    },
  ],
  ["sort by name", { ...base, order: order(attribute("name")) }],
  ["filter by a metric", { ...base, where: half }],
  ["filter by a parameter", { ...base, where: rank }],
  [
    "filter: metric AND (param OR NOT status)",
    {
      ...base,
      where: { all: [half, { any: [rank, { not: compare(attribute("status"), "=", "completed") }] }] },
    },
  ],
  ["filter by a metric, sort by another", { ...base, where: half, order: order(metric("metric_3")) }],
  ["group by a tag, figures of 10 columns", { ...base, group: [{ of: "tag", key: "tag_1" }] }],
];

async function measure(name, work) {
  const took = [];
  const processor = [];
  for (let at = 0; at < 6; at++) {
    const [from, used] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(used);
    took.push(performance.now() - from);
    processor.push((user + system) / 1000);
  }
  // the first request compiles statements and fills the database cache
  const median = (list) => list.slice(1).sort((a, b) => a - b)[2];
  console.log(
    `${name.padEnd(44)} ${median(took).toFixed(0).padStart(6)} ms  processor ${median(processor).toFixed(0).padStart(5)} ms`,
  );
}

try {
  console.log(
    `node bench/page/table.mjs --runs ${runs}   (${database.dialect.name}, 6 metrics, 8 parameters, 3 tags a run)`,
  );
  for (const [name, question] of questions) {
    await measure(name, () => track.createRunTable(database).read(question));
  }
  const table = track.createRunTable(database);
  await table.read(questions[1][1]);
  let offset = 0;
  await measure("scroll: 50 rows further on, order remembered", () => {
    offset += 977;
    return table.read({ ...questions[1][1], offset });
  });
  const scope = base.scope;
  await measure("columns of a project", () =>
    track.createCompletion(database).columns({ scope, search: "", limit: 200 }),
  );
  await measure("values of a parameter", () =>
    track.createCompletion(database).values({ scope, column: param("param_6"), prefix: "1", limit: 20 }),
  );
} finally {
  await database.close();
  if (!values.store) await rm(folder, { recursive: true });
}
