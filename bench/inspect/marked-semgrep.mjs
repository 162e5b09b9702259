/** @file Tests of semgrep/semgrep-rules: lines after `ruleid: x` must be flagged, lines after `ok: x` must not. */
import { posix } from "node:path";
import { parse } from "yaml";
import { filesUnder, textsOf } from "./codeql-tests.mjs";
import { isInPart } from "./part.mjs";

const languages = {
  ".js": "javascript",
  ".jsx": "javascript",
  ".mjs": "javascript",
  ".ts": "typescript",
  ".tsx": "tsx",
  ".py": "python",
  ".java": "java",
  ".go": "go",
  ".php": "php",
  ".cs": "csharp",
  ".rs": "rust",
};

/** The key that decides whether a file is held out: its folder, or its path if a language has only one folder. */
function classOf(path, language) {
  if (language === "rust") return `scan-csharp ${path}`;
  return `${language === "csharp" ? "scan-csharp" : "semgrep javascript"} ${posix.dirname(path)}`;
}

/** Test files, each with the marks of one rule. */
export function* semgrepTests(repo, part, isAsked) {
  const files = filesUnder(repo, ".");
  const weaknesses = weaknessesOf(repo, files);
  const wanted = files.filter((path) => {
    const language = languages[posix.extname(path)];
    if (language === undefined || !isAsked(language)) return false;
    return isInPart(part, classOf(path, language));
  });
  for (const [at, text] of textsOf(repo, wanted).entries()) {
    const path = wanted[at];
    const all = marksOf(text.split("\n"));
    for (const id of new Set(all.map((one) => one.id))) {
      const marks = all.filter((one) => one.id === id);
      const cwes = weaknesses.get(`${posix.dirname(path)} ${id}`);
      const language = languages[posix.extname(path)];
      if (cwes !== undefined)
        yield { collection: `Semgrep (${part})`, rule: id, cwes, path, language, text, marks };
    }
  }
}

/** Tests of njsscan, marked in the same way, and its files in a separate folder that no rule flags. */
export function* njsscanTests(repo) {
  const about = { collection: "njsscan", language: "javascript" };
  const weaknesses = new Map();
  for (const text of textsOf(repo, filesUnder(repo, "njsscan/rules/semantic_grep"))) {
    for (const { id, metadata } of parse(text).rules ?? [])
      weaknesses.set(id, [metadata?.cwe ?? []].flat().map(numberOf));
  }
  const paths = filesUnder(repo, "tests/assets/node_source").filter((path) => path.endsWith(".js"));
  for (const [at, text] of textsOf(repo, paths).entries()) {
    const path = paths[at];
    const all = marksOf(text.split("\n"));
    for (const id of new Set(all.map((one) => one.id))) {
      const marks = all.filter((one) => one.id === id);
      if (weaknesses.has(id)) yield { ...about, rule: id, cwes: weaknesses.get(id), path, text, marks };
    }
    const cwes = [...new Set([...weaknesses.values()].flat())];
    if (path.includes("/true_negatives/"))
      yield { ...about, rule: "true negatives", cwes, path, text, marks: [], isAll: true };
  }
}

const numberOf = (text) => Number(/CWE-(\d+)/i.exec(text)?.[1]);

/** CWE numbers of the rules, by folder and name; rules without a number are excluded. */
function weaknessesOf(repo, files) {
  const found = new Map();
  const paths = files.filter((path) => /^[a-z]+\/.*\.ya?ml$/.test(path) && !/\.test\.ya?ml$/.test(path));
  for (const [at, text] of textsOf(repo, paths).entries()) {
    if (!/^rules:/m.test(text)) continue;
    for (const { id, metadata } of parse(text).rules ?? []) {
      const cwes = [metadata?.cwe ?? []].flat().map(numberOf);
      if (cwes.length > 0) found.set(`${posix.dirname(paths[at])} ${id}`, cwes);
    }
  }
  return found;
}

const mark = /(?:\/\/|#|\{\/\*|\/\*)\s*(ruleid|ok)\s*:\s*([\w-]+)/;

/** `{ line, id, isBad }` of each mark, by the line of code that follows it. */
function marksOf(lines) {
  return lines.flatMap((text, index) => {
    const found = mark.exec(text);
    if (found === null) return [];
    const at = lines.findIndex((one, position) => position > index && /\S/.test(one) && !isComment.test(one));
    return at < 0 ? [] : [{ line: at + 1, id: found[2], isBad: found[1] === "ruleid" }];
  });
}

const isComment = /^\s*(?:\/\/|#(?!\[)|\/\*|\{\/\*|\*)/;
