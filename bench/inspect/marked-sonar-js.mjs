/**
 * @file Tests of SonarJS: files with lines marked `Noncompliant`, and code snippets that a rule's test lists as `valid`
 * or `invalid`, with the lines of their errors if the test states them.
 */
import { posix } from "node:path";
import { parseCode } from "./code-units.mjs";
import { filesUnder, textsOf } from "./codeql-tests.mjs";
import { marksOf, weaknessesOf } from "./marked-sonar.mjs";

const languages = { ".js": "javascript", ".jsx": "javascript", ".ts": "typescript", ".tsx": "tsx" };
const metadata =
  "sonar-plugin/javascript-checks/src/main/resources/org/sonar/l10n/javascript/rules/javascript";

/** Files that a rule is tested on, not files of the rule's implementation. */
const isFixture = /\.fixture\.|\/fixtures\//;

/** Files and code snippets, each with the marks of one rule. */
export function* sonarJsTests(repo) {
  const weaknesses = weaknessesOf(repo, metadata);
  const files = filesUnder(repo, "packages/analysis/src/jsts/rules").filter((path) =>
    weaknesses.has(path.split("/")[5]),
  );
  for (const [at, text] of textsOf(repo, files).entries()) {
    const path = files[at];
    const rule = path.split("/")[5];
    const language = languages[posix.extname(path)];
    const about = { collection: "SonarSource (all)", rule, cwes: weaknesses.get(rule), path };
    if (path.endsWith(".test.ts")) {
      for (const piece of piecesOf(text)) yield { ...about, ...piece, language: "typescript" };
      continue;
    }
    if (language !== undefined && isFixture.test(path))
      yield { ...about, language, text, marks: marksOf(text), isAll: true };
  }
}

/** Code snippets in a test in ESLint's format: `{ valid: [{ code }], invalid: [{ code, errors: [{ line }] }] }`. */
function piecesOf(text) {
  return parseCode(text, "typescript")
    .descendantsOfType("pair")
    .flatMap((pair) => {
      const name = pair.childForFieldName("key")?.text;
      if (name !== "valid" && name !== "invalid") return [];
      const list = pair.childForFieldName("value");
      if (list?.type !== "array") return [];
      return list.children.flatMap((item) => pieceOf(item, name === "invalid"));
    });
}

function pieceOf(item, isBad) {
  const value = (name) =>
    item.children
      .find((one) => one.type === "pair" && one.childForFieldName("key")?.text === name)
      ?.childForFieldName("value");
  const code = item.type === "object" ? value("code") : item;
  const text = literalOf(code);
  if (text === undefined) return [];
  const lines = [...(value("errors")?.text ?? "").matchAll(/\bline:\s*(\d+)/g)].map((one) => Number(one[1]));
  if (!isBad || lines.length === 0) return [{ text, marks: [], verdict: isBad }];
  return [{ text, marks: lines.map((line) => ({ line, isBad: true })), isAll: true }];
}

/** The text of a string literal; `undefined` for a template with substitutions. */
function literalOf(node) {
  const isText = node?.type === "string" || node?.type === "template_string";
  if (!isText || node.descendantsOfType("template_substitution").length > 0) return;
  return node.text.slice(1, -1).replaceAll("\\`", "`").replaceAll("\\n", "\n").replaceAll("\\\\", "\\");
}
