/**
 * @file Measures detection rates of the code scanner, and its findings in well-maintained code.
 *
 * npx tsx bench/inspect/code.mjs [--list] [--all] [--page] [--files FOLDER ...]
 *
 * SecurityEval is read from ../shared/data/securityeval; folders after --files are scanned for false positives. --all
 * scans every prefix of every sample; --page writes docs/benchmarks-code.md, with precision and recall per weakness.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { openScanner } from "@tunewise/datacheck/codescan";
import { writeCodePage } from "./code-page.mjs";
import { related } from "./weaknesses.mjs";

const scanner = await openScanner();
const data = new URL("../../../shared/data/securityeval/", import.meta.url);
const rowsOf = (name) =>
  readFileSync(new URL(name, data), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const list = process.argv.includes("--list");

const percent = (part, whole) => `${part}/${whole} = ${(part / whole).toFixed(3)}`;

/** Counts per weakness: samples, and completions by the verdict of human reviewers. */
const perCwe = new Map();

function rowOf(cwe) {
  const row = perCwe.get(cwe) ?? { samples: 0, any: 0, intended: 0, tp: 0, fp: 0, fn: 0, tn: 0 };
  perCwe.set(cwe, row);
  return row;
}

function securityEval() {
  const rows = rowsOf("dataset.jsonl");
  let any = 0;
  let intended = 0;
  for (const { ID, Insecure_code: code } of rows) {
    const cwe = Number(/CWE-(\d+)/.exec(ID)[1]);
    const found = scanner.scanCode(code, "python");
    const hit = found.some((one) => related(one.cwe, cwe));
    any += found.length > 0;
    intended += hit;
    const row = rowOf(cwe);
    row.samples += 1;
    row.any += found.length > 0;
    row.intended += hit;
    if (list && !hit) console.log("  missed", ID, found.map((one) => one.rule).join(" "));
  }
  console.log("SecurityEval, insecure samples: any finding", percent(any, rows.length));
  console.log("SecurityEval, insecure samples: intended weakness", percent(intended, rows.length));
}

function completions() {
  const all = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (const model of ["copilot", "incoder"]) {
    const one = { tp: 0, fp: 0, fn: 0, tn: 0 };
    for (const { id, insecure, code } of rowsOf("completions.jsonl").filter((row) => row.model === model)) {
      const found = scanner.scanCode(code, "python");
      const kind =
        (found.length > 0 ? "tfp"[insecure ? 0 : 1] : insecure ? "fn"[0] : "t") +
        (found.length > 0 ? "p" : "n");
      one[kind] += 1;
      all[kind] += 1;
      rowOf(Number(/CWE-(\d+)/.exec(id)[1]))[kind] += 1;
      if (list && (kind === "fp" || kind === "fn")) {
        console.log(" ", kind, id, found.map((hit) => `${hit.rule}:${hit.line}`).join(" "));
      }
    }
    console.log(`completions, ${model}: ${rates(one)}`);
  }
  console.log(`completions, all: ${rates(all)}`);
  return all;
}

function eachWeakness(all) {
  const table = [...perCwe].sort((a, b) => a[0] - b[0]);
  const share = (part, whole) => (whole === 0 ? "-" : (part / whole).toFixed(2));
  for (const [cwe, { samples, any, intended, tp, fp, fn }] of table) {
    console.log(
      `  CWE-${cwe}: samples ${any}/${samples}, as intended ${intended}; completions precision ` +
        `${share(tp, tp + fp)}, recall ${share(tp, tp + fn)} (${tp} right, ${fp} wrong, ${fn} missed)`,
    );
  }
  if (process.argv.includes("--page")) writeCodePage(table, rates(all));
}

function rates({ tp, fp, fn }) {
  const precision = tp / (tp + fp);
  const recall = tp / (tp + fn);
  const f1 = (2 * precision * recall) / (precision + recall);
  return `precision ${precision.toFixed(3)} recall ${recall.toFixed(3)} F1 ${f1.toFixed(3)} (${tp} right, ${fp} wrong, ${fn} missed)`;
}

function speed() {
  const texts = [
    ...rowsOf("dataset.jsonl").map((row) => row.Insecure_code),
    ...rowsOf("completions.jsonl").map((row) => row.code),
  ];
  const times = texts.map((text) => {
    const start = process.cpuUsage();
    scanner.scanCode(text, "python");
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(2);
  console.log(
    `speed: median ${at(0.5)} ms, 90 % ${at(0.9)} ms, most ${at(1)} ms of CPU time a snippet (${times.length})`,
  );
}

function prefixes() {
  let count = 0;
  for (const { Insecure_code: code } of rowsOf("dataset.jsonl")) {
    for (let end = 0; end <= code.length; end += process.argv.includes("--all") ? 1 : 17) {
      scanner.scanCode(code.slice(0, end), "python");
      count += 1;
    }
  }
  console.log(`prefixes: ${count} scanned without failure`);
}

const byEnding = {
  ".py": "python",
  ".js": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".ts": "typescript",
  ".tsx": "tsx",
  ".php": "php",
  ".java": "java",
  ".cs": "csharp",
  ".rs": "rust",
  ".go": "go",
  ".sh": "shell",
  ".bash": "shell",
  ".sql": "sql",
};

/** The language of a file by its extension; without an extension, by the shell in its first line. */
function languageOf(path) {
  const ending = extname(path);
  if (ending !== "") return byEnding[ending];
  return /^#!.{0,40}\b(ba|da|k|z)?sh\b/.test(readFileSync(path, "latin1").slice(0, 80)) ? "shell" : undefined;
}

function* filesIn(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stat = statSync(path);
    if (stat.isDirectory() && name !== "tests" && name !== "test" && name !== "node_modules")
      yield* filesIn(path);
    else if (stat.isFile() && languageOf(path) !== undefined && !/\.d\.ts$|\.min\.js$/.test(name)) yield path;
  }
}

function wellKept(folders, most) {
  const counts = { files: 0, high: 0, medium: 0, low: 0, lines: 0 };
  const start = process.cpuUsage();
  for (const folder of folders) {
    let here = 0;
    for (const path of filesIn(folder)) {
      if (here++ >= most) break;
      const text = readFileSync(path, "utf8");
      counts.files += 1;
      counts.lines += text.split("\n").length;
      for (const one of scanner.scanCode(text, languageOf(path))) {
        counts[one.severity] += 1;
        if (list && (one.severity === "high" || process.argv.includes("--medium"))) {
          console.log(" ", one.severity, one.certainty, one.rule, `${path}:${one.line}`, one.excerpt);
        }
      }
    }
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = ((user + system) / 1e6).toFixed(1);
  const high = ((100 * counts.high) / counts.files).toFixed(2);
  console.log(
    `well-kept files: ${JSON.stringify(counts)}, ${high} high per 100 files, ${seconds} s of CPU time`,
  );
}

const at = process.argv.indexOf("--files");
if (at >= 0)
  wellKept(
    process.argv.slice(at + 1).filter((word) => !word.startsWith("--")),
    400,
  );
else {
  securityEval();
  eachWeakness(completions());
  speed();
  prefixes();
}
