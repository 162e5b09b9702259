/**
 * @file Compares the code scanner with others that write SARIF, and with the union of all.
 *
 *     npx tsx bench/inspect/code-sarif.mjs --sarif "bandit -q -r -f sarif" [--sarif COMMAND ...] [--codeql REPO]
 *
 * SecurityEval's completions are read from ../shared/data/securityeval; a completion counts as right if it is insecure
 * and has a finding. REPO is a clone of github/codeql as in collections.mjs, whose developed Python tests are used: a
 * unit is a function, and counts as right if it has an alert and a finding of a related weakness. `grave`: only
 * findings of medium and high severity, which the gate on outputs counts.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/datacheck/codescan";
import { openScanners } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { unitsOf } from "./code-units.mjs";
import { codeqlTests, folders } from "./codeql-tests.mjs";
import { isKept } from "./part.mjs";
import { related } from "./weaknesses.mjs";

const { values } = parseArgs({
  options: { sarif: { type: "string", multiple: true, default: [] }, codeql: { type: "string" } },
});
const runtime = {
  ...createRuntime(process.cwd(), new AbortController().signal, "bench"),
  note: (text) => console.log(`note: ${text}`),
};
const entries = values.sarif.map((sarif) => ({ sarif, name: null, maxSeconds: 3600, maxMegabytes: 16_384 }));
const plain = await openScanner();

/** Findings of each scanner alone and of the union, for Python texts. */
async function scanAll(codes) {
  const texts = codes.map((code) => `\`\`\`\`\`\`python\n${code}\n\`\`\`\`\`\`\n`);
  const columns = [["builtin", codes.map((code) => plain.scanCode(code, "python"))]];
  const ask = async (name, scanners) => {
    const scan = openScanners({ scanners }, process.cwd(), runtime);
    const start = performance.now();
    const { found, failures } = await scan(texts);
    for (const { scanner, what } of failures) throw new Error(`${scanner} ${what}`);
    console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s for ${codes.length} texts`);
    // the text has one extra line above the code
    columns.push([name, found.map((list) => list.map((one) => ({ ...one, line: one.line - 1 })))]);
  };
  for (const entry of entries) await ask(entry.sarif.split(" ")[0].split("/").at(-1), [entry]);
  await ask("union", ["builtin", ...entries]);
  return columns;
}

/** Which findings count. */
const kinds = [
  ["any", () => true],
  ["grave", ({ severity }) => severity !== "low"],
];

function say(title, name, { right, wrong, missed }) {
  const share = (part, whole) => (whole === 0 ? "-" : (part / whole).toFixed(3));
  console.log(
    `${title} | ${name} | precision ${share(right, right + wrong)} | recall ${share(right, right + missed)} | F1 ` +
      `${share(2 * right, 2 * right + wrong + missed)} | ${right} right, ${wrong} wrong, ${missed} missed`,
  );
}

function tally(pairs) {
  const counts = { right: 0, wrong: 0, missed: 0 };
  for (const [isBad, isFlagged] of pairs) {
    if (isBad) counts[isFlagged ? "right" : "missed"] += 1;
    else if (isFlagged) counts.wrong += 1;
  }
  return counts;
}

async function completions() {
  const file = new URL("../../../shared/data/securityeval/completions.jsonl", import.meta.url);
  const rows = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const [name, found] of await scanAll(rows.map(({ code }) => code))) {
    for (const [kind, counts] of kinds)
      say(
        `completions, ${kind}`,
        name,
        tally(rows.map(({ insecure }, at) => [Boolean(insecure), found[at].some(counts)])),
      );
  }
}

async function codeql(repo) {
  const tests = [...codeqlTests(repo, "python", folders.python, (name) => !isKept(name))];
  const units = tests.map(({ text, language }) => unitsOf(text, language));
  for (const [name, found] of await scanAll(tests.map(({ text }) => text))) {
    for (const [kind, counts] of kinds) {
      const pairs = tests.flatMap(({ cwe, alerts }, at) => {
        const unitOf = units[at];
        const bad = new Set([...alerts].map((line) => unitOf[line]));
        const fitting = found[at].filter((one) => counts(one) && related(one.cwe, cwe));
        const flagged = new Set(fitting.map(({ line }) => unitOf[line]));
        const all = [...new Set(unitOf)].filter((unit) => unit !== undefined);
        return all.map((unit) => [bad.has(unit), flagged.has(unit)]);
      });
      say(`CodeQL, developed, ${kind}`, name, tally(pairs));
    }
  }
}

await completions();
if (values.codeql !== undefined) await codeql(values.codeql);
