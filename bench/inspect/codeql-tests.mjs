/** @file Reads tests of CodeQL's queries from a clone, with the lines that have an alert. */
import { execFileSync } from "node:child_process";
import { posix } from "node:path";

/** @param place a clone, or `CLONE@COMMIT` */
function git(place, wordsAt, input) {
  const [repo, revision = "HEAD"] = place.split("@");
  const options = { maxBuffer: 1 << 30, ...(input && { input: input(revision) }) };
  return execFileSync("git", ["-C", repo, ...wordsAt(revision)], options);
}
export const filesUnder = (place, folder) =>
  git(place, (revision) => ["ls-tree", "-r", "-z", "--name-only", revision, "--", folder])
    .toString()
    .split("\0")
    .filter(Boolean);
export const textOf = (place, path) => git(place, (revision) => ["show", `${revision}:${path}`]).toString();

/** Texts of many files, in order, read with one `git` process. */
export function textsOf(place, paths) {
  const asked = (revision) => paths.map((path) => `${revision}:${path}\n`).join("");
  const told = git(place, () => ["cat-file", "--batch"], asked);
  let at = 0;
  return paths.map(() => {
    const from = told.indexOf(10, at) + 1;
    const size = Number(told.subarray(at, from).toString().split(" ")[2]);
    at = from + size + 1;
    return told.subarray(from, from + size).toString();
  });
}

/** Folders of the tests, by language. */
export const folders = {
  python: "python/ql/test/query-tests/Security",
  javascript: "javascript/ql/test/query-tests/Security",
  java: "java/ql/test/query-tests/security",
  csharp: "csharp/ql/test/query-tests/Security Features",
};

const endings = {
  python: [".py"],
  javascript: [".js", ".mjs", ".ts", ".tsx"],
  java: [".java"],
  csharp: [".cs"],
  go: [".go"],
};
const names = { ".ts": "typescript", ".tsx": "tsx" };

/** The files of a language's tests: name, weakness, text, language, lines with an alert. */
export function* codeqlTests(repo, language, folder, wanted) {
  const files = filesUnder(repo, folder);
  const classes = new Set(files.map((path) => path.slice(folder.length + 1).split("/")[0]));
  for (const one of [...classes].sort()) {
    const cwe = Number(/CWE-?(\d+)/.exec(one)?.[1]);
    // several folders of the same weakness form one class
    if (Number.isNaN(cwe) || !wanted(`${language} CWE-${cwe}`)) continue;
    const inside = files.filter((path) => path.startsWith(`${folder}/${one}/`));
    const alerts = alertsOf(repo, inside);
    for (const path of inside) {
      const ending = posix.extname(path);
      if (!endings[language].includes(ending)) continue;
      yield {
        name: path.slice(folder.length + 1),
        cwe,
        text: textOf(repo, path),
        language: names[ending] ?? language,
        alerts: alerts.get(path) ?? new Set(),
      };
    }
  }
}

/** Lines with an alert, by file. */
function alertsOf(repo, files) {
  const alerts = new Map();
  for (const path of files) {
    if (!path.endsWith(".expected") || !files.includes(path.replace(/expected$/, "qlref"))) continue;
    const text = textOf(repo, path);
    const at = text.indexOf("#select");
    for (const row of (at < 0 ? text : text.slice(at)).split("\n")) {
      const found = /^\| ([^|:]+):(\d+):\d+:\d+:\d+ \|/.exec(row);
      if (found === null) continue;
      const file = posix.join(posix.dirname(path), found[1]);
      alerts.set(file, (alerts.get(file) ?? new Set()).add(Number(found[2])));
    }
  }
  return alerts;
}
