/**
 * @file Doubtful labels, contradicted by a row's words: share of clean rows flagged, and share of flipped labels found.
 *
 *     npx tsx bench/inspect/doubtful-labels.mjs [--shares 0,0.02,0.1] [--rows 5000] FILE.jsonl ...
 *
 * FILE contains `{"prompt": ..., "completion": label}` per line. A seeded share of the rows gets the label of another
 * row that differs from its own. Prints the number of flagged rows, the share of them with a flipped label, and the
 * share of flipped rows that were flagged. Labels that were wrong before count as false positives.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { mulberry32 } from "@tunewise/core/math";
import { findPoison } from "../../packages/datacheck/src/poison/find-poison.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shares: { type: "string", default: "0,0.02,0.05,0.1,0.2" },
    rows: { type: "string", default: "5000" },
  },
});
for (const path of positionals) {
  const all = readFileSync(path, "utf8").trim().split("\n").slice(0, Number(values.rows)).map(JSON.parse);
  for (const share of values.shares.split(",").map(Number)) {
    const random = mulberry32(17);
    const flipped = new Set();
    while (flipped.size < Math.round(share * all.length)) flipped.add(Math.floor(random() * all.length));
    const rows = all.map(({ prompt, completion }, line) => ({
      prompt,
      place: { file: "rows", line },
      answer: flipped.has(line) ? another(all, completion, random) : completion,
    }));
    const told = findPoison("train", rows, true)
      .filter(({ finding }) => finding.code === "DATA_LABEL_DOUBTFUL")
      .flatMap(({ evidence }) => evidence.map(({ place }) => place.line));
    const hits = told.filter((line) => flipped.has(line)).length;
    const part = (of) => (of === 0 ? "-" : (hits / of).toFixed(3));
    console.log(
      `${basename(path)} ${rows.length} rows, ${flipped.size} flipped: ${told.length} told, precision ${part(told.length)}, recall ${part(flipped.size)}`,
    );
  }
}

function another(rows, label, random) {
  for (;;) {
    const { completion } = rows[Math.floor(random() * rows.length)];
    if (completion !== label) return completion;
  }
}
