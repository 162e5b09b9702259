/**
 * @file Detection rates of the code scanner on labelled collections that no rule was developed on.
 *
 *     npx tsx bench/inspect/outside.mjs [--findsecbugs REPO] [--njsscan REPO] [--progpilot REPO]
 *       [--security-code-scan REPO] [--cweval REPO] [--vudenc REPO] [--sallm REPO]
 *       [--language NAME ...] [--bandit PROGRAM] [--by-rule] [--list]
 *
 * Each REPO is a clone, with or without a work tree, read with `git show`; none is part of this repository:
 * find-sec-bugs/find-sec-bugs, ajinabraham/njsscan, designsecurity/progpilot, security-code-scan/security-code-scan,
 * LostBenjamin/CWEval, LauraWartschinski/VulnerabilityDetection (VUDENC), tuhh-softsec/RAG4SecCodeGen (its samples of
 * SALLM). `marked-units.mjs` judges the findings. --bandit also scans Python with Bandit.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/datacheck/codescan";
import { njsscanTests } from "./marked-semgrep.mjs";
import { cwevalTests } from "./outside-cweval.mjs";
import { findsecbugsTests } from "./outside-findsecbugs.mjs";
import { progpilotTests } from "./outside-progpilot.mjs";
import { securityCodeScanTests } from "./outside-security-code-scan.mjs";
import { sallmTests, vudencTests } from "./outside-vudenc.mjs";
import { openTally } from "./tally.mjs";

const collections = {
  findsecbugs: findsecbugsTests,
  njsscan: njsscanTests,
  progpilot: progpilotTests,
  "security-code-scan": securityCodeScanTests,
  cweval: cwevalTests,
  vudenc: vudencTests,
  sallm: sallmTests,
};
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(Object.keys(collections).map((name) => [name, { type: "string" }])),
    language: { type: "string", multiple: true },
    bandit: { type: "string" },
    list: { type: "boolean", default: false },
    "by-rule": { type: "boolean", default: false },
  },
});
const isAsked = ({ language }) => values.language === undefined || values.language.includes(language);

const scanner = await openScanner();
const tally = openTally();
for (const [name, testsOf] of Object.entries(collections)) {
  if (values[name] === undefined) continue;
  const python = [];
  for (const test of testsOf(values[name])) {
    if (!isAsked(test)) continue;
    tally.add(test, scanner.scanCode(test.text, test.language), values.list);
    if (test.language === "python") python.push(test);
  }
  if (values.bandit !== undefined && python.length > 0) addBandit(python);
}
tally.say(values["by-rule"]);

/** Runs Bandit on the same tests. */
function addBandit(tests) {
  const folder = mkdtempSync(join(tmpdir(), "outside-"));
  try {
    for (const [at, { text }] of tests.entries()) writeFileSync(join(folder, `${at}.py`), text);
    const told = execFileSync(values.bandit, ["-q", "--exit-zero", "-f", "json", "-r", folder], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const byTest = new Map();
    for (const one of JSON.parse(told).results) {
      const at = Number(basename(one.filename, ".py"));
      const finding = { cwe: one.issue_cwe?.id ?? 0, line: one.line_number };
      byTest.set(at, [...(byTest.get(at) ?? []), { ...finding, severity: one.issue_severity.toLowerCase() }]);
    }
    for (const [at, test] of tests.entries())
      tally.add({ ...test, collection: `${test.collection} by Bandit` }, byTest.get(at) ?? [], false);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
