/**
 * @file Detection rates of the code scanner on labelled public collections, split into developed and held-out parts.
 *
 *     npx tsx bench/inspect/collections.mjs --codeql REPO --codeql-go REPO --sven REPO --owasp REPO \
 *       --owasp-java REPO --php REPO [--part developed|kept] [--language NAME] [--list] [--by-cwe]
 *
 * Each REPO is a clone, with or without a work tree, or `CLONE@COMMIT`: github/codeql (a760ed8c, March 2021),
 * github/codeql-go (2471d3c4, its last state), eth-sri/sven, OWASP-Benchmark/BenchmarkPython and BenchmarkJava,
 * stivalet/PHP-Vulnerability-test-suite; all are read with `git show`, and none is part of this repository. A hash
 * splits them into `developed` (used to develop rules) and `kept` (held out), so that nobody chooses. It is computed
 * for CodeQL from the language and CWE folder, for SVEN from the pair, for OWASP, whose cases come from one generator,
 * from the case, and for PHP from the sanitizer and the construction. Go is held out as a whole.
 *
 * CodeQL's tests: a unit is an innermost function, or a block of statements outside functions. It is bad if a query's
 * `.expected` file has an alert in it, and flagged if a finding of a related weakness begins in it. SVEN and OWASP: a
 * unit is a function before or after a fix, or a file. Classes whose tests have no alert in such a file are excluded.
 */
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/datacheck/codescan";
import { unitsOf } from "./code-units.mjs";
import { codeqlTests, filesUnder, folders, textOf, textsOf } from "./codeql-tests.mjs";
import { checkedPart, hashOf, isInPart } from "./part.mjs";
import { related } from "./weaknesses.mjs";

const { values } = parseArgs({
  options: {
    codeql: { type: "string" },
    "codeql-go": { type: "string" },
    sven: { type: "string" },
    owasp: { type: "string" },
    "owasp-java": { type: "string" },
    php: { type: "string" },
    part: { type: "string", default: "developed" },
    language: { type: "string" },
    list: { type: "boolean", default: false },
    "by-cwe": { type: "boolean", default: false },
  },
});
const part = checkedPart(values.part);
const scanner = await openScanner();

const wanted = (name) => isInPart(part, name);

if (values.codeql !== undefined) {
  for (const [language, folder] of Object.entries(folders)) {
    if (values.language === undefined || values.language === language)
      ofQueries(values.codeql, language, folder);
  }
}
if (values["codeql-go"] !== undefined && part === "kept") {
  ofQueries(values["codeql-go"], "go", "ql/test/query-tests/Security");
}
if (values.sven !== undefined) ofPairs(values.sven);
if (values.owasp !== undefined) {
  ofBenchmark(values.owasp, "python", "expectedresults-0.1.csv", (name) => `testcode/${name}.py`);
}
if (values["owasp-java"] !== undefined) {
  const folder = "src/main/java/org/owasp/benchmark/testcode";
  ofBenchmark(values["owasp-java"], "java", "expectedresults-1.2.csv", (name) => `${folder}/${name}.java`);
}
if (values.php !== undefined) ofPhpSuite(values.php);

/** Tests of CodeQL's queries in one language. */
function ofQueries(repo, language, folder) {
  const tally = counter();
  const isAsked = language === "go" ? () => true : wanted;
  const tests = [...codeqlTests(repo, language, folder, isAsked)];
  // some tests state alerts in comments, in a different format; a class without other alerts cannot be judged
  const stated = new Set(tests.filter(({ alerts }) => alerts.size > 0).map(({ cwe }) => cwe));
  for (const test of tests) if (stated.has(test.cwe)) judge(tally, test);
  say(`CodeQL's tests, ${language}`, tally);
}

function judge(tally, { name, cwe, text, language, alerts }) {
  const found = scanner.scanCode(text, language).filter((one) => related(one.cwe, cwe));
  const unitOf = unitsOf(text, language);
  const bad = new Set([...alerts].map((line) => unitOf[line]));
  const flagged = new Set(found.map(({ line }) => unitOf[line]));
  for (const unit of new Set(unitOf)) {
    if (unit === undefined) continue;
    const which = tally(cwe, bad.has(unit), flagged.has(unit));
    if (values.list && which !== undefined)
      console.log(`  ${which} CWE-${cwe} ${name}:${unitOf.indexOf(unit)}`);
  }
}

/** Python functions before and after a fix; a pair counts as right only if both halves are. */
function ofPairs(repo) {
  const tally = counter();
  let [both, pairs] = [0, 0];
  for (const path of filesUnder(repo, "data_train_val")) {
    const cwe = Number(/cwe-(\d+)/.exec(path)[1]);
    for (const row of textOf(repo, path).trim().split("\n")) {
      const {
        func_src_before: before,
        func_src_after: after,
        file_name: file,
        commit_link: commit,
      } = JSON.parse(row);
      if (!file.endsWith(".py") || !wanted(`pair ${before}`)) continue;
      const [first, second] = [before, after].map((text) => isFound(text, "python", cwe));
      const said = [tally(cwe, true, first), tally(cwe, false, second)].filter(Boolean);
      pairs += 1;
      both += first && !second;
      if (values.list && said.length > 0) console.log(`  ${said.join(" ")} CWE-${cwe} ${file} ${commit}`);
    }
  }
  say("SVEN's pairs, Python", tally);
  console.log(`  right on both halves: ${both}/${pairs} = ${(both / pairs).toFixed(3)}`);
}

/** Files that are listed as vulnerable or not. */
function ofBenchmark(place, language, list, pathOf) {
  const tally = counter();
  const rows = textOf(place, list)
    .trim()
    .split("\n")
    .map((row) => row.split(","))
    .filter(([name]) => /^BenchmarkTest/.test(name) && wanted(`owasp ${name}`));
  const texts = textsOf(
    place,
    rows.map(([name]) => pathOf(name)),
  );
  for (const [at, [name, category, isReal, cwe]] of rows.entries()) {
    const which = tally(Number(cwe), isReal === "true", isFound(texts[at], language, Number(cwe)));
    if (values.list && which !== undefined) console.log(`  ${which} CWE-${cwe} ${category} ${name}`);
  }
  say(`OWASP Benchmark, ${language}`, tally);
}

/**
 * Generated PHP cases. Those with the same sanitizer and construction form one class. Takes 30 per weakness and kind,
 * by hash, because most of the 42,000 cases differ only in their source.
 */
function ofPhpSuite(place) {
  const groups = new Map();
  for (const path of filesUnder(place, ".").filter((one) => /\/(safe|unsafe)\//.test(one))) {
    const [, weakness, kind, file] = /([^/]+)\/(safe|unsafe)\/([^/]+)\.php$/.exec(path) ?? [];
    if (file === undefined) continue;
    const [, , sanitizer, construction = ""] = file.split("__");
    if (!wanted(`php ${weakness} ${sanitizer} ${construction.replace(/-.*/, "")}`)) continue;
    const key = `${weakness} ${kind}`;
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  const tally = counter();
  for (const [key, paths] of groups) {
    const cwe = Number(/\d+/.exec(key)[0]);
    const some = paths.toSorted((a, b) => Buffer.compare(hashOf(a), hashOf(b))).slice(0, 30);
    for (const text of textsOf(place, some)) tally(cwe, key.endsWith("unsafe"), isFound(text, "php", cwe));
  }
  say("PHP vulnerability test suite", tally);
}

function isFound(text, language, cwe) {
  return scanner.scanCode(text, language).some((one) => related(one.cwe, cwe));
}

/** Counts cases and returns the kind of mistake, or `undefined` for none. */
function counter() {
  const rows = new Map();
  const count = (cwe, isBad, isFlagged) => {
    const row = rows.get(cwe) ?? { right: 0, wrong: 0, missed: 0, silent: 0 };
    rows.set(cwe, row);
    row[isBad ? (isFlagged ? "right" : "missed") : isFlagged ? "wrong" : "silent"] += 1;
    return isBad === isFlagged ? undefined : isBad ? "missed" : "wrong";
  };
  return Object.assign(count, { rows });
}

function say(title, { rows }) {
  const sum = { right: 0, wrong: 0, missed: 0, silent: 0 };
  for (const row of rows.values()) for (const key of Object.keys(sum)) sum[key] += row[key];
  console.log(`${title} (${part}): ${rates(sum)}`);
  if (!values["by-cwe"]) return;
  for (const [cwe, row] of [...rows].sort((a, b) => a[0] - b[0])) console.log(`  CWE-${cwe}: ${rates(row)}`);
}

function rates({ right, wrong, missed, silent }) {
  const share = (part, whole) => (whole === 0 ? "-" : (part / whole).toFixed(3));
  const [recall, flagged] = [right / (right + missed || 1), wrong / (wrong + silent || 1)];
  return (
    `F1 ${share(2 * right, 2 * right + wrong + missed)} (${right} right, ${wrong} wrong, ${missed} missed, ${silent} ` +
    `silent), good cases flagged ${share(wrong, wrong + silent)}, Youden ${(recall - flagged).toFixed(3)}`
  );
}
