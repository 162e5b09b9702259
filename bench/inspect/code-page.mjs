/**
 * @file Writes the page with the detection rates of each weakness, for `bench/inspect/code.mjs --page`.
 */
import { writeFileSync } from "node:fs";

const page = new URL("../../docs/benchmarks-code.md", import.meta.url);

const share = (part, whole) => (whole === 0 ? "–" : (part / whole).toFixed(2));

/**
 * Writes docs/benchmarks-code.md.
 *
 * @param table pairs of a CWE number and its counts: `samples any intended` of the insecure samples, `tp fp fn tn` of
 * the completions
 * @param total the rates over all completions, as text
 */
export function writeCodePage(table, total) {
  const rows = table.map(([cwe, { samples, any, intended, tp, fp, fn, tn }]) => {
    const found = samples === 0 ? "–" : `${any} (${intended}) of ${samples}`;
    const counts = `${tp} ${fp} ${fn} ${tn}`;
    return `| ${cwe} | ${found} | ${counts} | ${share(tp, tp + fp)} | ${share(tp, tp + fn)} |`;
  });
  writeFileSync(
    page,
    [
      "# Insecure code, weakness by weakness",
      "",
      "How much of each weakness the scanner finds in SecurityEval; the rates over all of it are in [benchmarks.md](benchmarks.md).",
      "",
      "Written by `npx tsx bench/inspect/code.mjs --page`. Samples: insecure ones with any finding, in brackets with the intended",
      "weakness. Completions: answers of two models, judged by people; right, wrong (found where people saw nothing), missed, and rightly",
      "silent. With one to five texts of a kind the rates of a row say where to look, not how good the scanner is. All rows were read while",
      "rules were written.",
      "",
      `All completions: ${total}.`,
      "",
      "| CWE | samples found (as intended) | completions: right, wrong, missed, silent | precision | recall |",
      "| --- | --- | --- | --- | --- |",
      ...rows,
      "",
    ].join("\n"),
  );
}
