/**
 * @file Test files of progpilot, whose tests list the weaknesses of each file; the list is empty for good files.
 *
 * The listed lines are those of taint sources, not of sinks, so a file is one unit. Excluded are files taken from the
 * PHP vulnerability test suite, files that include others, and tests with custom rules.
 */
import { filesUnder, textsOf } from "./codeql-tests.mjs";

const folder = "projects/tests";
const lists = [
  "optimizations",
  "oop",
  "generic",
  "data",
  "conditions",
  "negative",
  "phpwander",
  "frameworks",
];
const weaknesses = {
  xss: 79,
  sql_injection: 89,
  command_injection: 78,
  code_injection: 94,
  file_inclusion: 98,
  path_traversal: 22,
  xml_injection: 91,
  redos: 1333,
  "create_function code_injection": 94,
};

/** Files with a verdict for each named weakness, or for all weaknesses. */
export function* progpilotTests(repo) {
  const files = new Set(filesUnder(repo, `${folder}/tests`));
  const cases = textsOf(
    repo,
    lists.map((name) => `${folder}/${name}test.php`),
  ).flatMap(casesIn);
  const held = cases.filter(({ path }) => files.has(path));
  for (const [at, text] of textsOf(
    repo,
    held.map(({ path }) => path),
  ).entries()) {
    const { path, kinds } = held[at];
    if (/\b(?:include|require)(?:_once)?\b/.test(text)) continue;
    const about = { collection: "progpilot", path, language: "php", text, marks: [] };
    if (kinds.length === 0) yield { ...about, rule: "none", cwes: Object.values(weaknesses), verdict: false };
    for (const kind of kinds) yield { ...about, rule: kind, cwes: [weaknesses[kind]], verdict: true };
  }
}

/** `{ path, kinds }` of a list in PHP: `["./tests/a.php", [["$x", "4", "xss"]]]`, without comments. */
function casesIn(text) {
  const parts = text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split(/"\.\/(?=tests\/)/)
    .slice(1);
  return parts.flatMap((part) => {
    const path = `${folder}/${part.slice(0, part.indexOf('"'))}`;
    const words = [...part.matchAll(/"([a-z_ ]+)"\s*\]/g)].map((one) => one[1]);
    const kinds = [...new Set(words)].filter((word) => weaknesses[word] !== undefined);
    const isEmpty = /^[^"]*",\s*\[\s*\]/.test(part);
    return isEmpty || kinds.length > 0 ? [{ path, kinds }] : [];
  });
}
