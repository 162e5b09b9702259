/**
 * @file Median regret at equal cost, from the result lines of tunewise and its peers, as a Markdown table.
 *
 * node bench/search/table.mjs --folder TABLES --at 10,20,40 [--within 0.01] FILE...
 *
 * The result of a search at a given cost is its best trial at the highest amount of training reached so far. Its regret
 * is the loss of that point's full run minus that of the table's best full run. `--within` also prints the cost at
 * which the regret is first within that share of the best loss.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: "string" },
    at: { type: "string", default: "10,20,40" },
    within: { type: "string" },
  },
});
const costs = given.at.split(",").map(Number);
const best = new Map();
for (const name of readdirSync(given.folder).filter((one) => one.endsWith(".json"))) {
  const table = JSON.parse(readFileSync(join(given.folder, name), "utf8"));
  const finite = table.losses.at(-1).filter((loss) => loss !== null && Number.isFinite(loss));
  best.set(
    table.name,
    finite.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY),
  );
}
const lines = positionals.flatMap((path) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line)),
);
const groups = Map.groupBy?.(lines, keyOf) ?? grouped(lines);
const share = given.within === undefined ? null : Number(given.within);
const heads = [
  ...costs.map((cost) => `at ${cost}`),
  ...(share === null ? [] : [`within ${100 * share} % at`]),
];
console.log(`| table | method | seeds | ${heads.join(" | ")} |`);
console.log(`| --- | --- | --- |${heads.map(() => " --- |").join("")}`);
for (const key of [...groups.keys()].sort()) {
  const runs = groups.get(key);
  const [{ table, method }] = runs;
  const cells = costs.map((cost) =>
    quartiles(runs.map(({ events }) => regret(events, cost, best.get(table)))),
  );
  if (share !== null) cells.push(quartiles(runs.map(({ events }) => costWithin(events, best.get(table)))));
  console.log(`| ${table} | ${method} | ${runs.length} | ${cells.join(" | ")} |`);
}

function regret(events, cost, least) {
  const until = events.filter(([at]) => at <= cost + 1e-9);
  const top = until.reduce((most, [, units]) => Math.max(most, units), 0);
  const there = until.filter(([, units]) => units === top);
  const chosen = there.reduce((a, b) => (b[2] < a[2] ? b : a), there[0]);
  return chosen === undefined ? Number.POSITIVE_INFINITY : chosen[3] - least;
}

function costWithin(events, least) {
  const first = events.find(([cost]) => regret(events, cost, least) <= share * Math.abs(least));
  return first === undefined ? Number.POSITIVE_INFINITY : first[0];
}

function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toPrecision(3));
  return `${at(0.5)} (${at(0.25)}-${at(0.75)})`;
}

function keyOf({ table, method }) {
  return `${table} ${method}`;
}

function grouped(all) {
  const found = new Map();
  for (const line of all) found.set(keyOf(line), [...(found.get(keyOf(line)) ?? []), line]);
  return found;
}
