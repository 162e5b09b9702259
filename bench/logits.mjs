/**
 * @file Compares logits of a model with one of our adapters: the engine, PEFT in float32, and PEFT in float64 as truth.
 *
 *     npx tsx bench/logits.mjs MODEL_FOLDER ADAPTER_FOLDER rows.jsonl --python VENV/bin/python [--rows 8]
 *
 * `rows.jsonl` contains {"prompt", "completion"} objects. Prints the largest absolute differences over all logits.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readAdapter } from "@tunewise/engine/weights";
import { encodedRows } from "./encoded-rows.mjs";
import { openFolder } from "./measured-run.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3" },
    rows: { type: "string", default: "8" },
    system: { type: "string" },
    threads: { type: "string", default: "2" },
  },
});
const [folder, adapterFolder, file] = positionals;
const script = fileURLToPath(new URL("peers/peft-check.py", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "tunewise-logits-"));

/** Logits by PEFT, one array per row. */
function peft(ids, ...flags) {
  const [input, output] = [join(work, "ids.json"), join(work, "out.json")];
  writeFileSync(input, JSON.stringify(ids.map((row) => [...row])));
  const words = [script, folder, adapterFolder, input, output, ...flags];
  const { status, stderr } = spawnSync(values.python, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  const judged = JSON.parse(readFileSync(output, "utf8"));
  const arrays = judged.rows.map(({ base64 }) => {
    const bytes = Buffer.from(base64, "base64");
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  });
  return { arrays, largestEffect: judged.largestEffect };
}

/** Largest absolute difference, and root mean square of the differences. */
function difference(some, others) {
  let [most, sum, count] = [0, 0, 0];
  for (const [at, row] of some.entries()) {
    for (const [place, value] of row.entries()) {
      const gap = Math.abs(value - others[at][place]);
      most = Math.max(most, gap);
      sum += gap * gap;
      count++;
    }
  }
  return { largest: most, rootMeanSquare: Math.sqrt(sum / count) };
}

const rows = (await encodedRows(folder, file, values.system ?? null)).slice(0, Number(values.rows));
const ids = rows.map((row) => row.ids);
const { model } = await openFolder(folder, Number(values.threads));
const { settings, tensors } = await readAdapter(adapterFolder);
const adapter = model.loadAdapter(settings, tensors);
const ours = [];
for (const row of ids) ours.push(await model.logits(adapter, row));
await model.close();
const single = peft(ids);
const double = peft(ids, "--float64");
rmSync(work, { recursive: true, force: true });
const largestLogit = Math.max(
  ...double.arrays.map((row) => row.reduce((most, one) => Math.max(most, Math.abs(one)), 0)),
);
console.log(
  JSON.stringify(
    {
      rows: ids.length,
      tokens: ids.reduce((sum, row) => sum + row.length, 0),
      largestLogit,
      adapterEffect: double.largestEffect,
      "engine - PEFT float32": difference(ours, single.arrays),
      "engine - PEFT float64": difference(ours, double.arrays),
      "PEFT float32 - PEFT float64": difference(single.arrays, double.arrays),
    },
    null,
    2,
  ),
);
