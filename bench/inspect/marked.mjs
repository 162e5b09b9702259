/**
 * @file What the scanner of code says of lines that rules of others mark as bad or good: `// ruleid: x`, `// ok: x`.
 *
 *     npx tsx bench/inspect/marked.mjs REPO [--part developed|kept] [--folder javascript --folder typescript] [--list]
 *
 * REPO is a clone of semgrep/semgrep-rules, with or without a work tree; it is read with `git show` and is no part of
 * this repository. A hash of a folder's name decides whether it was developed on or kept apart. A mark speaks of the
 * statement behind it: the lines up to the next mark, four at most. Rules that name no weakness are left out.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/codescan";
import { parse } from "yaml";
import { related } from "./weaknesses.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    part: { type: "string", default: "developed" },
    folder: { type: "string", multiple: true, default: ["javascript", "typescript"] },
    list: { type: "boolean", default: false },
  },
});
const [repo] = positionals;
const scanner = await openScanner();
const git = (...args) => execFileSync("git", ["-C", repo, ...args], { encoding: "utf8", maxBuffer: 1 << 30 });
const files = git("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", ...values.folder)
  .split("\0")
  .filter(Boolean);
const textOf = (path) => git("show", `HEAD:${path}`);
const languages = {
  ...{ ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".ts": "typescript", ".tsx": "tsx" },
  ...{ ".py": "python", ".java": "java", ".go": "go", ".php": "php", ".c": "cpp", ".cpp": "cpp" },
};
const isKept = (folder) => createHash("sha256").update(`semgrep javascript ${folder}`).digest()[0] % 2 === 1;

/** The weaknesses of the rules of one folder. */
function weaknessesOf(folder) {
  const found = new Map();
  for (const path of files) {
    if (posix.dirname(path) !== folder || !/\.ya?ml$/.test(path)) continue;
    for (const { id, metadata } of parse(textOf(path)).rules ?? []) {
      const numbers = [metadata?.cwe ?? []].flat().map((text) => Number(/CWE-(\d+)/.exec(text)?.[1]));
      if (numbers.length > 0) found.set(id, numbers);
    }
  }
  return found;
}

/** `{ line, id, isBad }` of each mark, by the line it stands in. */
function marksOf(lines) {
  return lines.flatMap((text, at) => {
    const found = /(?:\/\/|#|\{\/\*|\/\*)\s*(ruleid|ok)\s*:\s*([\w-]+)/.exec(text);
    return found === null ? [] : [{ line: at + 1, id: found[2], isBad: found[1] === "ruleid" }];
  });
}

const sum = { right: 0, wrong: 0, missed: 0, silent: 0 };
const known = new Map();
for (const path of files) {
  const language = languages[posix.extname(path)];
  const folder = posix.dirname(path);
  if (language === undefined || isKept(folder) !== (values.part === "kept")) continue;
  if (!known.has(folder)) known.set(folder, weaknessesOf(folder));
  const text = textOf(path);
  const found = scanner.scanCode(text, language);
  const marks = marksOf(text.split("\n"));
  for (const [at, { line, id, isBad }] of marks.entries()) {
    const numbers = known.get(folder).get(id);
    if (numbers === undefined) continue;
    const last = Math.min(line + 4, (marks[at + 1]?.line ?? Infinity) - 1);
    const isFlagged = found.some(
      (one) => one.line > line && one.line <= last && numbers.some((cwe) => related(one.cwe, cwe)),
    );
    const kind = isBad ? (isFlagged ? "right" : "missed") : isFlagged ? "wrong" : "silent";
    sum[kind] += 1;
    if (values.list && (kind === "missed" || kind === "wrong"))
      console.log(`  ${kind} ${path}:${line} ${id} CWE-${numbers}`);
  }
}
const { right, wrong, missed, silent } = sum;
console.log(
  `lines that rules of others mark (${values.part}): F1 ${((2 * right) / (2 * right + wrong + missed)).toFixed(3)} ` +
    `(${right} right, ${wrong} wrong, ${missed} missed, ${silent} silent)`,
);
