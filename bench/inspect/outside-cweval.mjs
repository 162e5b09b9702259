/**
 * @file Pairs of CWEval: a secure and an insecure solution of each task, in Python, Go and JavaScript. The insecure
 * halves in Python are functions of the tests.
 */
import { posix } from "node:path";
import { spansOf } from "./code-units.mjs";
import { filesUnder, textsOf } from "./codeql-tests.mjs";

const languages = { ".py": "python", ".go": "go", ".js": "javascript" };

/** Both halves of each pair. */
export function* cwevalTests(repo) {
  const files = filesUnder(repo, "benchmark");
  const texts = new Map(textsOf(repo, files).map((text, at) => [files[at], text]));
  for (const path of files) {
    const ending = posix.extname(path);
    const language = languages[ending];
    const cwe = Number(/cwe_(\d+)_/.exec(path)?.[1]);
    if (!path.endsWith(`_task${ending}`) || language === undefined) continue;
    const bad =
      language === "python"
        ? insecurePython(texts.get(path.replace("_task.", "_test.")) ?? "")
        : texts.get(path.replace("_task.", "_unsafe."));
    if (bad === undefined) continue;
    const rule = `CWE-${cwe}`;
    const about = { collection: "CWEval", rule, cwes: [cwe], path, language, marks: [], pair: path };
    yield { ...about, text: bad, verdict: true };
    yield { ...about, text: texts.get(path), verdict: false };
  }
}

/** The functions of a test with `_unsafe` in their name, with the imports of the standard library. */
function insecurePython(text) {
  const found = spansOf(text, "python", (kind) => kind === "function_definition").filter(({ node }) =>
    node.childForFieldName("name").text.includes("_unsafe"),
  );
  const own = found.filter(({ node }) => !node.childForFieldName("name").text.startsWith("test_"));
  if (own.length === 0) return undefined;
  const imports = text.split("\n").filter((line) => /^(?:import|from) (?!pytest|cwe_)/.test(line));
  return [...imports, ...own.map(({ node }) => node.text)].join("\n");
}
