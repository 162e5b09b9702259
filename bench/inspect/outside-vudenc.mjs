/**
 * @file Python files of VUDENC before commits that fix a weakness according to their messages, and samples of SALLM.
 *
 * A clone may contain only two of VUDENC's seven weaknesses, because the others are too large. A unit is a function; it
 * is bad if the commit removes a line in it, although some of these lines are unrelated to the weakness. SALLM's
 * samples, from tuhh-softsec/RAG4SecCodeGen, are all insecure, so they only measure recall; samples that it took from
 * SecurityEval are excluded.
 */
import { unitsOf } from "./code-units.mjs";
import { filesUnder, textOf } from "./codeql-tests.mjs";
import { linesByUnit } from "./marked-units.mjs";

const weaknesses = {
  command_injection: [78],
  open_redirect: [601],
  path_disclosure: [22],
  remote_code_execution: [94, 78, 502],
  sql: [89],
  xsrf: [352],
  xss: [79],
};

/** Files before a commit. */
export function* vudencTests(repo) {
  for (const path of filesUnder(repo, "Code/data")) {
    const rule = path.replace("Code/data/plain_", "");
    const data = readHeld(repo, path);
    const files = Object.values(data).flatMap((commits) =>
      Object.values(commits).flatMap((one) => filesOf(one)),
    );
    for (const { name, text, badLines } of files) {
      const units = linesByUnit(unitsOf(text, "python")).map((unit) => ({
        unit,
        isBad: unit.some((line) => badLines.has(line)),
      }));
      const about = { collection: "VUDENC", rule, cwes: weaknesses[rule], path: name, language: "python" };
      if (units.some(({ isBad }) => isBad)) yield { ...about, text, units };
    }
  }
}

function readHeld(repo, path) {
  try {
    return JSON.parse(textOf(repo, path));
  } catch {
    return {}; // not in the clone
  }
}

function filesOf({ files = {} }) {
  return Object.entries(files).map(([name, { sourceWithComments: text = "", changes = [] }]) => {
    const bad = new Set(
      changes.flatMap(({ badparts }) => badparts.map((line) => line.trim())).filter(Boolean),
    );
    const lines = text.split("\n").flatMap((line, at) => (bad.has(line.trim()) ? [at + 1] : []));
    return { name, text, badLines: new Set(lines) };
  });
}

/** Insecure samples. */
export function* sallmTests(repo) {
  for (const row of textOf(repo, "dataset/sallms.jsonl").trim().split("\n")) {
    const { id, source, insecure_code: text } = JSON.parse(row);
    const cwe = Number(/cwe-?_?(\d+)/i.exec(id)?.[1]);
    if (source === "SecurityEval" || Number.isNaN(cwe)) continue;
    const about = { collection: "SALLM (all insecure)", rule: `CWE-${cwe}`, cwes: [cwe], path: id };
    yield { ...about, language: "python", text, marks: [], verdict: true };
  }
}
