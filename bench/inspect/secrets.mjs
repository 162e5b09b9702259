/**
 * @file Speed of the scan for secrets and personal data, and its reports in files that should contain none.
 *
 *     node --import tsx bench/inspect/secrets.mjs [--rows 100000] [--folder DIR]... [--show 0] [--personal]
 *
 * Speed is in CPU seconds of one process. With `--folder`, all text files below it are scanned, and matches are counted
 * by rule; `--show N` prints up to N matches per rule, masked except for the 40 characters before the match.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mulberry32 } from "@tunewise/core/math";
import { inspectSecrets } from "../../packages/datacheck/src/secrets/inspect-secrets.ts";
import { eachKeyword } from "../../packages/datacheck/src/secrets/keywords.ts";
import { scanText } from "../../packages/datacheck/src/secrets/scan.ts";
import { prefilter } from "../../packages/datacheck/src/secrets/secret-matches.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    folder: { type: "string", multiple: true, default: [] },
    show: { type: "string", default: "0" },
    personal: { type: "boolean", default: false },
  },
});

/** CPU seconds of a task, and its result. */
function timed(work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

/** Ordinary words, so that prefixes of keywords occur as often as in English. */
const vocabulary = readFileSync(new URL("../../README.md", import.meta.url), "utf8").split(/\s+/);

function speed() {
  const draw = mulberry32(1);
  const text = () =>
    Array.from({ length: 100 }, () => vocabulary[Math.floor(draw() * vocabulary.length)]).join(" ");
  const rows = Array.from({ length: Number(values.rows) }, (_, line) => {
    const [prompt, answer] = [text().slice(0, 300), text().slice(0, 300)];
    const messages = [
      { role: "user", content: prompt },
      { role: "assistant", content: answer },
    ];
    return { part: "train", place: { file: "rows", line }, prompt, answer, messages };
  });
  const size = rows.reduce((sum, { prompt, answer }) => sum + prompt.length + answer.length, 0) / 1e6;
  const all = rows.map(({ prompt, answer }) => prompt + answer).join("\n");
  const { table } = prefilter();
  const first = timed(() => eachKeyword(table, all, 0, all.length, 0, () => {}));
  const whole = timed(() => inspectSecrets(rows));
  const long = timed(() => scanText(all));
  const told = ({ seconds }) => `${seconds.toFixed(2)} s CPU, ${(size / seconds).toFixed(0)} MB/s`;
  console.log(`rows ${rows.length}, ${size.toFixed(1)} MB`);
  console.log(`prefilter alone    ${told(first)}`);
  console.log(`inspectSecrets     ${told(whole)}, ${Math.round(rows.length / whole.seconds)} rows/s`);
  console.log(`one text of all    ${told(long)}`);
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && statSync(path).size < 4e6) yield path;
  }
}

function corpus(folder) {
  const counts = new Map();
  let files = 0;
  let size = 0;
  let seconds = 0;
  for (const path of filesBelow(folder)) {
    const bytes = readFileSync(path);
    if (bytes.subarray(0, 8000).includes(0)) continue;
    const text = bytes.toString("utf8");
    files++;
    size += text.length / 1e6;
    const { seconds: took, result } = timed(() => scanText(text));
    seconds += took;
    for (const { rule, severity, personal, masked, start } of result) {
      if (personal && !values.personal) continue;
      const key = `${severity} ${rule}`;
      const shown = counts.get(key) ?? [];
      const line = text.slice(0, start).split("\n").length;
      const around = text.slice(Math.max(0, start - 40), start).replace(/\s+/g, " ");
      shown.push(`${path}:${line} ${around}${masked}`);
      counts.set(key, shown);
    }
  }
  console.log(`${folder}: ${files} files, ${size.toFixed(1)} MB, ${(size / seconds).toFixed(0)} MB/s`);
  for (const [key, shown] of [...counts].sort()) {
    console.log(`  ${key}: ${shown.length}`);
    for (const one of shown.slice(0, Number(values.show))) console.log(`    ${one}`);
  }
}

if (values.folder.length === 0) speed();
for (const folder of values.folder) corpus(folder);
