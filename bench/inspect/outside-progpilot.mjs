/**
 * @file Test files of progpilot, whose tests list the kinds of weakness of each file; none for good files.
 *
 * The lines they list are those of the sources, not of what is done with them: a file is one unit. Left out: what was
 * taken from the PHP vulnerability test suite, files that include others, and rules that a test brings along.
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
  ...{ xss: 79, sql_injection: 89, command_injection: 78, code_injection: 94, file_inclusion: 98 },
  ...{ path_traversal: 22, xml_injection: 91, redos: 1333, "create_function code_injection": 94 },
};

/** Files with a verdict for each weakness that is named, or for all of them. */
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

/** `{ path, kinds }` of a list in PHP: `["./tests/a.php", [["$x", "4", "xss"]]]`, comments taken out. */
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
