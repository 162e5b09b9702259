/**
 * @file Samples random findings of `check` for review by a person: true, harmless or false.
 *
 *     npx tsx bench/inspect/sampled-findings.mjs [--count 100] [--seed 1] [--out FILE] FOLDER ...
 *
 * Each FOLDER has `train.jsonl` and optionally `test.jsonl`; a file `labels` beside them means that answers are labels.
 * A finding is one code at one row, including notes. The same number is drawn from each folder; if a folder has too
 * few, the rest comes from the others. Prints the count of each code, and then each drawn finding with its row and the
 * row that it names.
 */
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { inspectRows } from "@tunewise/datacheck";
import { readSplits } from "@tunewise/datacheck/dataset";
import { randomFrom } from "./planted.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
  },
});
const [count, random] = [Number(values.count), randomFrom(Number(values.seed))];
const shownCharacters = 900;

const pools = [];
for (const folder of positionals) pools.push(shuffled(await findingsIn(folder)));
const drawn = [];
while (drawn.length < count && pools.some((pool) => pool.length > 0))
  for (const pool of pools) if (pool.length > 0 && drawn.length < count) drawn.push(pool.pop());
const text = drawn.map(shown).join("\n\n");
if (values.out === undefined) console.log(text);
else writeFileSync(values.out, `${text}\n`);

/** One finding per code and row. */
async function findingsIn(folder) {
  const test = existsSync(join(folder, "test.jsonl")) ? "test.jsonl" : null;
  const { splits } = await readSplits({
    folder,
    train: "train.jsonl",
    validation: null,
    test,
    format: "auto",
    columns: null,
    system: null,
    promptTemplate: "{prompt}",
    badRows: "skip",
    group: null,
    time: null,
    trainOn: "all",
    split: { validation: 0, test: test === null ? 0.2 : 0, seed: 1, by: "rows" },
    rows: { train: null, validation: null, test: null },
  });
  const labels = existsSync(join(folder, "labels"));
  const observations = await inspectRows(splits, { labels, depth: "full", benchmarks: new Map() });
  const rows = new Map();
  for (const row of [...splits.train, ...splits.test]) rows.set(keyOf(row), row);
  const all = observations.flatMap(({ finding: { code, severity, detail }, evidence }) =>
    evidence.map(({ place, other, reason }) => ({
      folder: basename(folder),
      code,
      severity,
      detail,
      reason,
      other,
      row: rows.get(keyOf(place)),
      twin: other && rows.get(keyOf(other)),
    })),
  );
  const counts = new Map();
  for (const { code } of all) counts.set(code, (counts.get(code) ?? 0) + 1);
  const list = [...counts].map(([code, found]) => `${code} ${found}`).join(", ");
  console.log(`${basename(folder)}: ${splits.train.length} + ${splits.test.length} rows; ${list}`);
  return all;
}

function keyOf({ file, row }) {
  return `${file} ${row}`;
}

function shuffled(list) {
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

function shown({ folder, code, severity, reason, row, twin }, at) {
  const lines = [`#${at + 1} ${folder} ${severity} ${code}: ${reason}`];
  for (const one of [row, twin]) if (one !== undefined) lines.push(`  | ${contentOf(one)}`);
  return lines.join("\n");
}

function contentOf({ messages }) {
  const all = messages.map(({ role, content }) => `${role}: ${content}`).join(" => ");
  return all.replaceAll("\n", "\\n").slice(0, shownCharacters);
}
