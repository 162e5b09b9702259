/**
 * @file Test cases of other secret scanners, read from their repositories: texts that must and must not be reported.
 *
 * A case is `{ from, isSecret, text, wanted }`: `from` is its origin, and `wanted` lists the secrets in the text if the
 * case states them. The name of its rule or file decides which part a case belongs to.
 */
import { execFileSync } from "node:child_process";
import { parse } from "yaml";

const git = (repo, ...words) =>
  execFileSync("git", ["-C", repo, ...words], { encoding: "utf8", maxBuffer: 1 << 28 });
const filesOf = (repo) => git(repo, "ls-tree", "-r", "--name-only", "HEAD").trim().split("\n");
const lastOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/** Files of a repository that match a pattern and belong to the part, with their texts. */
function* textsOf(repo, pattern, isWanted, nameOf = lastOf) {
  for (const path of filesOf(repo)) {
    const name = pattern.test(path) ? nameOf(path) : undefined;
    if (name !== undefined && isWanted(name)) yield { path, name, text: git(repo, "show", `HEAD:${path}`) };
  }
}

/** Cases written as literals in gitleaks' generators: `tps` must be found, `fps` must not. */
export function* casesOfGitleaks(repo, isWanted) {
  for (const { name, text } of textsOf(
    repo,
    /^cmd\/generate\/config\/rules\/.*\.go$/,
    isWanted,
    (path) => path,
  )) {
    for (const list of text.matchAll(/(tps|fps)\s*:?=\s*(?:append\(\1,|\[\]string\{)/g)) {
      for (const literal of literalsAt(text, list.index + list[0].length))
        yield { from: lastOf(name), isSecret: list[1] === "tps", text: literal };
    }
  }
}

/** Go literals up to the closing bracket of a list, except concatenated ones and arguments of calls. */
function* literalsAt(text, from) {
  const literal = /`[^`]*`|"(?:[^"\\\n]|\\.)*"/y;
  let depth = 1;
  for (let at = from; at < text.length && depth > 0; at++) {
    const one = text[at];
    if (one === "{" || one === "(") depth++;
    if (one === "}" || one === ")") depth--;
    if (one !== '"' && one !== "`") continue;
    literal.lastIndex = at;
    const [whole] = literal.exec(text) ?? [""];
    if (whole === "") return;
    const before = text
      .slice(Math.max(0, at - 40), at)
      .trimEnd()
      .at(-1);
    const after = /^[ \t]*(.)?/s.exec(text.slice(at + whole.length))?.[1] ?? "\n";
    if (depth === 1 && "{,(".includes(before) && ",}\n)".includes(after)) yield textOfLiteral(whole);
    at += whole.length - 1;
  }
}

function textOfLiteral(literal) {
  if (literal[0] === "`") return literal.slice(1, -1);
  try {
    return JSON.parse(literal);
  } catch {
    return literal.slice(1, -1);
  }
}

/** Rules of secretlint that are not about secrets, or about any text that a user configures. */
const others = new Set(
  "no-homedir no-dotenv no-k8s-kind-secret pattern filter-comments secp256k1-privatekey".split(" "),
);

/** Inputs of secretlint's snapshots: folders `ng.*` contain a secret, `ok.*` do not. */
export function* casesOfSecretlint(repo, isWanted) {
  for (const path of filesOf(repo)) {
    const [, rule, kind, name] =
      /secretlint-rule-([^/]+)\/.*\/snapshots\/(ng|ok)[^/]*\/(?:.*\/)?([^/]+)$/.exec(path) ?? [];
    if (rule === undefined || others.has(rule) || !isWanted(rule)) continue;
    if (/^(?:output|options)\.|secretlintrc|\.p12$/.test(name)) continue;
    yield {
      from: path.slice(path.indexOf("snapshots/") + 10),
      isSecret: kind === "ng",
      text: git(repo, "show", `HEAD:${path}`),
    };
  }
}

/** The value of a Go expression of literals, names, `+` and `fmt.Sprintf`; `undefined` for any other expression. */
function valueOfGo(text, names) {
  const piece = /\s*(?:(`[^`]*`|"(?:[^"\\\n]|\\.)*")|fmt\.Sprintf\(|([A-Za-z_]\w*)|(\+))/y;
  let at = 0;
  const term = () => {
    piece.lastIndex = at;
    const found = piece.exec(text);
    if (found === null) return undefined;
    at = piece.lastIndex;
    const [whole, literal, name] = found;
    if (literal !== undefined) return textOfLiteral(literal);
    if (name !== undefined) return names.get(name);
    if (!whole.trim().startsWith("fmt")) return undefined;
    const values = [];
    for (;;) {
      values.push(sum());
      const mark = /\s*([,)])/y;
      mark.lastIndex = at;
      const next = mark.exec(text);
      if (next === null) return undefined;
      at = mark.lastIndex;
      if (next[1] === ")") break;
      if (/^\s*\)/.test(text.slice(at))) continue;
    }
    const [format, ...rest] = values.filter((one, index) => index === 0 || one !== undefined);
    return format?.replace(/%[svd]/g, () => rest.shift() ?? "");
  };
  const sum = () => {
    let value = term();
    while (/^\s*\+/.test(text.slice(at, at + 20))) {
      at = text.indexOf("+", at) + 1;
      const more = term();
      value = value === undefined || more === undefined ? undefined : value + more;
    }
    return value;
  };
  return sum();
}

/** Test patterns of trufflehog's detectors, each with its expected secrets. */
export function* casesOfTrufflehog(repo, isWanted) {
  const detector = (path) => /^pkg\/detectors\/([^/]+)\//.exec(path)?.[1];
  const tests = /^pkg\/detectors\/.*(?<!_integration)_test\.go$/;
  for (const { name, text } of textsOf(repo, tests, isWanted, detector)) {
    const names = new Map();
    for (const [, key, value] of text.matchAll(
      /^\s*(?:const |var )?(\w+)\s*(?:string )?:?=\s*(["`fA-Za-z][\s\S]*?(?:\n|$))/gm,
    ))
      if (!names.has(key)) names.set(key, valueOfGo(wholeLiteral(text, value), names));
    for (const input of text.matchAll(/\n\s*input:\s*/g)) {
      const rest = text.slice(input.index + input[0].length, input.index + 40_000);
      const value = valueOfGo(rest, names);
      const want = /\n\s*want(?:ed)?:\s*(nil|secrets|\[\]string\{([\s\S]*?)\},?\n)/.exec(rest);
      if (value === undefined || want === null) continue;
      const wanted =
        want[1] === "secrets" ? [] : (want[2] ?? "").split(/,(?=\s)|\n/).map((one) => valueOfGo(one, names));
      const isSecret = want[1] === "secrets" || (want[2] ?? "").trim() !== "";
      yield { from: name, isSecret, text: value, wanted: wanted.filter((one) => one?.length >= 6) };
    }
  }
}

/** A literal from its beginning; one in backticks may continue over several lines. */
function wholeLiteral(text, begin) {
  return begin[0] === "`" ? text.slice(text.indexOf(begin)) : begin;
}

/** Examples and negative examples of Nosey Parker's rules for secrets. */
export function* casesOfNoseyParker(repo, isWanted) {
  for (const { text } of textsOf(repo, /data\/default\/builtin\/rules\/.*\.yml$/, () => true)) {
    for (const { id, categories = [], examples, negative_examples: none } of parse(text).rules) {
      if (!categories.includes("secret") || categories.includes("hashed") || !isWanted(id)) continue;
      for (const one of examples ?? []) yield { from: id, isSecret: true, text: one };
      for (const one of none ?? []) yield { from: id, isSecret: false, text: one };
    }
  }
}

/** Test cases of detect-secrets' plugins: pairs of a text and the expected secret, or whether there is one. */
export function* casesOfDetectSecrets(repo, isWanted) {
  const pair =
    /\(\s*(["'])((?:(?!\1)[^\\\n]|\\.)*)\1(?:\.format\((\w+)\))?,\s*(True|False|None|[A-Z_]+)\s*,?\s*\)/g;
  for (const { name, text } of textsOf(repo, /^tests\/plugins\/.*_test\.py$/, isWanted)) {
    if (/^(?:ip_public|high_entropy|base)/.test(name)) continue; // not about secrets, or about values without a name
    const names = new Map();
    for (const [, key, , value] of text.matchAll(/^([A-Z_]+) = (['"])(.*)\2/gm)) names.set(key, value);
    for (const [, , literal, key, want] of text.matchAll(pair)) {
      const plain = literal.replace(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one));
      const filled =
        key === undefined
          ? plain
          : plain.replace(/\{\}|([{}])\1/g, (whole, brace) => brace ?? names.get(key) ?? whole);
      yield { from: name, isSecret: !/^(?:False|None)$/.test(want), text: filled };
    }
  }
}

/** Lines of SonarSource's tests for hard-coded credentials; those marked `Noncompliant` must be found. */
export function* linesOfSonar(repo, isWanted) {
  const tests =
    /test.*\/[^/]*(?:hard_?coded_?(?:credentials|password|secret|jwt)|DoNotHardcodeCredentials)[^/]*\.(?:py|java|php|cs|js)$/i;
  for (const { name, text } of textsOf(repo, tests, isWanted)) {
    if (/custom|Test\.java$|Test\.cs$/i.test(name)) continue; // user-configured words, and test runners
    const marks = text.split("\n").map(() => false);
    for (const [line, written] of text.split("\n").entries()) {
      const mark = /(?:#|\/\/).*\bNoncompliant\b(?:@([+-]\d+))?/.exec(written);
      if (mark !== null) marks[line + Number(mark[1] ?? 0)] = true;
    }
    const plain = text.replace(/(?:#|\/\/)\s*(?:Noncompliant|Compliant|OK|FN|FP|Secondary|\^).*/gi, "");
    yield { from: name, text: plain, marks };
  }
}

/** The files of leaky-repo, with the number of secrets in each. */
export function* casesOfLeakyRepo(repo) {
  const table = git(repo, "show", "HEAD:.leaky-meta/secrets.csv").trim().split("\n").slice(1);
  for (const row of table) {
    const [path, risk] = row.split(",");
    if (row.startsWith("#") || risk === undefined) continue;
    yield { from: path, count: Number(risk), text: git(repo, "show", `HEAD:${path}`) };
  }
}
