/**
 * @file Runs tunewise searches on tables, and writes every result with the cost so far as JSON lines.
 *
 * npx tsx bench/search/tunewise-side.mjs --seeds 30 --fulls 40 --out FILE [--proposer NAME] [--promotion NAME] TABLE...
 *
 * Cost is in full runs; a full run costs $1. A line is one search: {table, method, seed, events: [[cost, units, loss,
 * loss of the full run], ...]}.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { range, seconds, usd } from "@tunewise/core/quantity";
import { openSearch } from "../../packages/tunewise/src/search/index.ts";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "30" },
    fulls: { type: "string", default: "40" },
    out: { type: "string" },
    proposer: { type: "string", default: "gaussian-process" },
    promotion: { type: "string", default: "asha" },
  },
});
const [seeds, fulls] = [Number(given.seeds), Number(given.fulls)];
const worst = 1e9;
const sure = (amount) => range(amount, amount, amount);

writeFileSync(given.out, "");
for (const path of positionals) {
  const table = JSON.parse(readFileSync(path, "utf8"));
  const promotion = table.resources.length > 1 ? given.promotion : "none";
  for (let seed = 0; seed < seeds; seed++) {
    const method = `tunewise ${given.proposer}${promotion === "none" ? "" : `+${promotion}`}`;
    const line = { table: table.name, method, seed, events: search(table, seed, promotion) };
    appendFileSync(given.out, `${JSON.stringify(line)}\n`);
  }
}

function search({ knobs, resources, losses }, seed, promotion) {
  const full = resources.at(-1);
  const settings = settingsFor(knobs, [resources[0], full], seed, promotion);
  const open = openSearch(settings, []);
  const events = [];
  let spent = 0;
  for (let next = open.ask(); next.act === "try"; next = open.ask()) {
    const { id, point, from, to } = next.trial;
    const at = knobs.reduce((sum, { name, values }) => sum * values.length + values.indexOf(point[name]), 0);
    const lossAt = (units) => losses[resources.indexOf(units)][at] ?? Number.POSITIVE_INFINITY;
    const curve = resources
      .filter((units) => units > from && units <= to)
      .map((units) => [units, lossAt(units)]);
    spent += (to - from) / full;
    const shown = (loss) => (Number.isFinite(loss) ? loss : worst);
    for (const [units, loss] of curve) {
      const cost = spent - (to - units) / full;
      events.push([Number(cost.toFixed(6)), units, shown(loss), shown(lossAt(full))]);
    }
    const [, value] = curve.at(-1);
    const fine = Number.isFinite(value);
    const report = { status: fine ? "reached" : "failed", at: to, value: fine ? value : null };
    open.tell(id, { ...report, usd: usd((to - from) / full), curve });
  }
  return events;
}

function settingsFor(knobs, [least, full], seed, promotion) {
  const space = Object.fromEntries(
    knobs.map(({ name, values, ordered }) => [name, { kind: "choice", values, ordered }]),
  );
  const defaults = Object.fromEntries(
    knobs.map(({ name, values }) => [name, values[Math.floor(values.length / 2)]]),
  );
  return {
    seed,
    space,
    defaults,
    goal: "minimize",
    proposer: given.proposer,
    promotion,
    rungs: { minimum: least, maximum: full },
    money: {
      budgetUsd: usd(fulls + 0.001),
      finalRunUsd: usd(0),
      tickUsd: usd(0),
      startSeconds: sure(seconds(0)),
      usdPerHour: sure(usd(3600 / full)),
      secondsPerUnit: sure(seconds(1)),
    },
  };
}
