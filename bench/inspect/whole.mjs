/**
 * @file Measures all repetition and leak checks together, and all row checks, each in its own process: time, memory,
 *   and recall of all stages on planted rows.
 *
 *     node bench/inspect/whole.mjs [--data ../shared/data] [--rows 100000,1000000]
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { plantedRows, scoreDetector } from "./planted.mjs";
import { cpuSeconds, makeRows } from "./rows.mjs";

const source = (path) => tsImport(`../../packages/datacheck/src/${path}.ts`, import.meta.url);
const { inspectRows } = await source("inspect-rows");
const { inspectRepeats } = await source("overlap");
const { rowsOf } = await source("row");

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    rows: { type: "string", default: "100000,1000000" },
    one: { type: "string" },
    kind: { type: "string", default: "repeats" },
  },
});

if (values.one !== undefined) await oneScale(values.kind, Number(values.one));
else {
  for (const rows of values.rows.split(",")) for (const kind of ["repeats", "all"]) printScale(kind, rows);
  for (const seed of [11, 12]) planted(seed);
}

function printScale(kind, rows) {
  const words = ["--max-old-space-size=8192", fileURLToPath(import.meta.url), "--kind", kind, "--one", rows];
  process.stdout.write(execFileSync(process.execPath, words, { encoding: "utf8" }));
}

function splitsOf(train, test) {
  const example = (file) => (text, at) => ({
    messages: [
      { role: "user", content: text },
      { role: "assistant", content: `answer ${at}` },
    ],
    file,
    line: at + 1,
  });
  return { train: train.map(example("train.jsonl")), validation: [], test: test.map(example("test.jsonl")) };
}

async function oneScale(kind, count) {
  const texts = makeRows(count, 1);
  const held = texts.filter((_, row) => row % 10 === 0);
  const splits = splitsOf(
    texts.filter((_, row) => row % 10 !== 0),
    held,
  );
  const cpu = cpuSeconds();
  const start = performance.now();
  const observations =
    kind === "repeats"
      ? inspectRepeats(rowsOf(splits), new Map(), false)
      : await inspectRows(splits, { labels: false, depth: "full", benchmarks: new Map() });
  const wall = (performance.now() - start) / 1000;
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1000;
  const found = observations.map(({ finding }) => `${finding.code} ${finding.count}`).join(", ");
  const time = `${wall.toFixed(1)} s, ${cpuSeconds(cpu).toFixed(1)} s CPU, peak ${peak.toFixed(0)} MB`;
  console.log(`${kind}, ${count} rows: ${time} (${found})`);
}

/** Scores the test rows that any leak finding names. */
function planted(seed) {
  const rows = plantedRows(values.data, { train: 90_000, test: 10_000, perKind: 250, seed });
  scoreDetector(
    `all stages together, seed ${seed}`,
    (train, test) => {
      const leaks = inspectRepeats(rowsOf(splitsOf(train, test)), new Map(), false).filter(({ finding }) =>
        finding.code.startsWith("DATA_LEAK"),
      );
      const places = leaks.flatMap(({ evidence }) => evidence.map(({ place }) => place));
      return places.filter(({ file }) => file === "test.jsonl").map(({ line }) => ({ row: line - 1 }));
    },
    rows,
  );
}
