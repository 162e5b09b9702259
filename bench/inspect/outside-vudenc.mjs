/**
 * @file Python of VUDENC: files before commits that mend a weakness, by their messages; and samples of SALLM.
 *
 * Of VUDENC's seven weaknesses a clone may hold two, the others being too large. A unit is a function, bad where the
 * commit takes a line away in it: some of these lines have nothing to do with the weakness. SALLM's samples, as
 * tuhh-softsec/RAG4SecCodeGen holds them, are insecure all, so that they tell how many are found and no more; those
 * that it took from SecurityEval are left out.
 */
import { unitsOf } from "./code-units.mjs";
import { filesUnder, textOf } from "./codeql-tests.mjs";
import { linesByUnit } from "./marked-units.mjs";

const weaknesses = {
  ...{
    command_injection: [78],
    open_redirect: [601],
    path_disclosure: [22],
    remote_code_execution: [94, 78, 502],
  },
  ...{ sql: [89], xsrf: [352], xss: [79] },
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
        ...{ unit, isBad: unit.some((line) => badLines.has(line)) },
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
