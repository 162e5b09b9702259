/**
 * @file Measures near-duplicate detection: speed, memory, recall, precision, and results on BANKING77 and GSM8K.
 *
 *     node bench/inspect/near.mjs [--data ../shared/data] [--rows 100000,200000,400000,1000000] [--python PYTHON]
 *
 * Each number of rows runs in its own process, to measure its own peak memory. CPU time covers all threads, including
 * JIT and garbage collection. `--python` names an interpreter with `datasketch`, to run the same shingles through its
 * MinHash.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { plantedPrecision } from "./near-planted.mjs";
import { cpuSeconds, makeRows } from "./rows.mjs";

// Imports parts that the package does not export from its sources.
const source = (path) => tsImport(`../../packages/datacheck/src/${path}.ts`, import.meta.url);
const { findNearPairs } = await source("near/find-near-pairs");
const { permutations, permutationsFrom, sign } = await source("near/minhash");
const { gramRoom, gramsOf } = await source("near/word-grams");
const { wordsOf } = await source("near/words");

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    rows: { type: "string", default: "100000,200000,400000,1000000" },
    python: { type: "string" },
    one: { type: "string" },
  },
});

if (values.one === undefined) {
  console.log("all stages: rows of about 12 words, a tenth held out");
  for (const rows of values.rows.split(",")) printScale(rows);
  minhashSpeed();
  await plantedPrecision(values.data, source);
} else oneScale(Number(values.one));

function printScale(rows) {
  const told = execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--one", rows], {
    encoding: "utf8",
  });
  process.stdout.write(told);
}

/** Runs in its own process. */
function oneScale(count) {
  const texts = makeRows(count, 1);
  const part = Uint8Array.from(texts, (_, row) => (row % 10 === 0 ? 1 : 0));
  const seconds = cpuSeconds();
  const { pairs, wordSets, grams } = findNearPairs(texts, part);
  const used = cpuSeconds(seconds);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1000;
  const time = `${used.toFixed(2)} s CPU, ${((used / count) * 1e6).toFixed(1)} us a row, peak ${peak.toFixed(0)} MB`;
  const work = `compared ${wordSets.compared} + ${grams.compared}, skipped ${wordSets.skipped} + ${grams.skipped}`;
  console.log(`${count} rows: ${time}, ${pairs.count} pairs, ${work}`);
}

/** Speed of signatures only: rows of 44 words, 40 runs of five words. */
function minhashSpeed() {
  const texts = makeRows(20_000, 2, 100).map((text) => text.split(" ").slice(0, 44).join(" "));
  const words = wordsOf(texts);
  const room = gramRoom(words);
  const chosen = permutationsFrom(1);
  const signature = new Int32Array(permutations);
  let shingles = 0;
  const runs = Array.from({ length: 5 }, () => {
    const start = cpuSeconds();
    shingles = 0;
    for (let row = 0; row < texts.length; row++) {
      const count = gramsOf(words, row, 5, room);
      shingles += count;
      if (count > 0) sign(chosen, room, count, signature);
    }
    return texts.length / cpuSeconds(start);
  });
  const start = cpuSeconds();
  wordsOf(texts);
  const reading = cpuSeconds(start);
  const best = Math.max(...runs);
  const whole = texts.length / (texts.length / best + reading);
  console.log(
    `MinHash, ${permutations} permutations, ${(shingles / texts.length).toFixed(1)} shingles a row: ` +
      `${best.toFixed(0)} rows/s of CPU, ${whole.toFixed(0)} with reading words`,
  );
  if (values.python !== undefined) datasketch(texts, best);
}

function datasketch(texts, ours) {
  const folder = mkdtempSync(join(tmpdir(), "near-"));
  const file = join(folder, "rows.txt");
  writeFileSync(file, texts.slice(0, 4000).join("\n"));
  const script = fileURLToPath(new URL("datasketch-rate.py", import.meta.url));
  const rates = JSON.parse(execFileSync(values.python, [script, file], { encoding: "utf8" }));
  rmSync(folder, { recursive: true });
  for (const [name, rate] of Object.entries(rates)) {
    console.log(
      `datasketch, ${name}: ${rate.toFixed(0)} rows/s of CPU; ours is ${(ours / rate).toFixed(1)} times as fast`,
    );
  }
}

if (!existsSync(values.data)) console.log(`no ${values.data}: figures of BANKING77 and GSM8K left out`);
