/**
 * @file What the scanner of code finds in tests of rules whose lines are marked `ruleid:` and `ok:`.
 *
 *     npx tsx bench/inspect/marked-functions.mjs REPO [--language csharp|rust] [--part developed|kept] [--list]
 *
 * REPO is a clone of semgrep/semgrep-rules, read with `git show`; nothing of it is part of this repository. What is
 * kept apart is decided by a hash of the folder, or of the file where a language has one folder. A case is a run of
 * lines in one function that begins with marks of one kind; it is flagged where a finding of the rule's weakness, or of
 * a related one, begins in it.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/codescan";
import { unitsOf } from "./code-units.mjs";
import { related } from "./weaknesses.mjs";

const { values, positionals } = parseArgs({
  options: {
    language: { type: "string" },
    part: { type: "string", default: "developed" },
    list: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [repo = ""] = positionals;
const scanner = await openScanner();
const git = (...args) => execFileSync("git", ["-C", repo, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
const isKept = (name) => createHash("sha256").update(`scan-csharp ${name}`).digest()[0] % 2 === 1;

for (const [language, ending] of [
  ["csharp", ".cs"],
  ["rust", ".rs"],
]) {
  if (values.language !== undefined && values.language !== language) continue;
  const files = git("ls-tree", "-r", "--name-only", "HEAD", "--", language).trim().split("\n");
  const tally = { right: 0, wrong: 0, missed: 0, silent: 0 };
  for (const path of files) {
    const unit = language === "rust" ? path : posix.dirname(path);
    if (!path.endsWith(ending) || isKept(unit) !== (values.part === "kept")) continue;
    const rule = files.find((one) => /\.ya?ml$/.test(one) && one.replace(/\.ya?ml$/, ending) === path);
    const cwe = rule && Number(/CWE-(\d+)/.exec(git("show", `HEAD:${rule}`))?.[1]);
    if (cwe) judge(tally, path, cwe, language);
  }
  const { right, wrong, missed, silent } = tally;
  const f1 = (2 * right) / (2 * right + wrong + missed || 1);
  console.log(
    `marked tests, ${language} (${values.part}): F1 ${f1.toFixed(3)} (${right} right, ${wrong} wrong, ${missed} ` +
      `missed, ${silent} silent)`,
  );
}

function judge(tally, path, cwe, language) {
  const text = git("show", `HEAD:${path}`);
  const found = scanner.scanCode(text, language).filter((one) => related(one.cwe, cwe));
  for (const { first, last, isBad } of casesIn(text, language)) {
    const isFlagged = found.some(({ line }) => line >= first && line <= last);
    tally[isBad ? (isFlagged ? "right" : "missed") : isFlagged ? "wrong" : "silent"] += 1;
    if (values.list && isBad !== isFlagged)
      console.log(`  ${isBad ? "missed" : "wrong"} CWE-${cwe} ${path}:${first}`);
  }
}

/** Runs of lines, in one function, behind marks of one kind; the first of a function begins with it. */
function casesIn(text, language) {
  const unitOf = unitsOf(text, language);
  const lines = text.split("\n");
  const cases = [];
  for (const [index, line] of lines.entries()) {
    const mark = /\/\/\s*(ruleid|ok)\b/.exec(line)?.[1];
    if (mark === undefined) continue;
    const at = lines.findIndex((one, position) => position > index && /^\s*[^\s/]/.test(one)) + 1;
    const before = cases.at(-1);
    const isBad = mark === "ruleid";
    const unit = unitOf[at];
    if (at === 0 || (before?.unit === unit && before.isBad === isBad)) continue;
    if (before?.unit === unit) before.last = index;
    const first = before?.unit === unit ? index + 1 : unitOf.indexOf(unit);
    cases.push({ unit, isBad, first, last: unitOf.lastIndexOf(unit) });
  }
  return cases;
}
