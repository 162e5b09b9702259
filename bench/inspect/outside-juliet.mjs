/**
 * @file Cases of the Juliet test suite for C and C++: functions named bad and good, in a folder for each weakness.
 *
 * A unit is a bad function with the sinks and sources that are its own, and so is each good one; `good()` itself, which
 * only calls the others, is none. Cases of several files are left out, since their data flows from file to file.
 */
import { posix } from "node:path";
import { spansOf } from "./code-units.mjs";
import { filesUnder, textsOf } from "./codeql-tests.mjs";
import { linesFrom } from "./marked-units.mjs";
import { hashOf } from "./part.mjs";

/** As many files of a weakness as are read, drawn by hash. */
const maxFilesPerFolder = 100;

/** @param part `even` or `odd`, by the number of the weakness; `all` */
export function* julietTests(repo, part) {
  const byFolder = new Map();
  for (const path of filesUnder(repo, "testcases")) {
    const folder = path.split("/")[1];
    const cwe = Number(/^CWE(\d+)_/.exec(folder)?.[1]);
    const isAsked = part === "all" || (cwe % 2 === 0) === (part === "even");
    if (isAsked && /_\d\d\.(?:c|cpp)$/.test(path))
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), path]);
  }
  for (const [folder, paths] of byFolder) {
    const drawn = paths
      .map((path) => ({ path, hash: hashOf(posix.basename(path)) }))
      .sort((a, b) => Buffer.compare(a.hash, b.hash))
      .slice(0, maxFilesPerFolder)
      .map(({ path }) => path);
    const cwe = Number(/\d+/.exec(folder)[0]);
    for (const [at, text] of textsOf(repo, drawn).entries()) {
      const about = { collection: `Juliet (${part})`, rule: folder, cwes: [cwe], language: "cpp" };
      yield { ...about, path: drawn[at], text, units: unitsOf(text) };
    }
  }
}

function unitsOf(text) {
  const units = new Map();
  for (const { first, last, node } of spansOf(text, "cpp", (kind) => kind === "function_definition")) {
    const name = nameOf(node).replace(/^.*_\d\d[a-z]?_/, "");
    const key = /good(?:[GB]2[GB])?\d*|bad/i.exec(name)?.[0];
    if (key !== undefined) units.set(key, [...(units.get(key) ?? []), ...linesFrom(first, last)]);
  }
  if ([...units.keys()].some((key) => /^good./.test(key))) units.delete("good");
  return [...units].map(([key, unit]) => ({ unit, isBad: /bad/i.test(key) }));
}

/** What stands before the parameters. */
function nameOf(node) {
  return (
    node
      .find({ rule: { kind: "function_declarator" } })
      ?.field("declarator")
      ?.text() ?? ""
  );
}
