/**
 * @file The scan for secrets on collections of others: cases of scanners, and files of packages that should hold none.
 *
 *     node --import tsx bench/inspect/secrets-collections.mjs --part developed|apart [--show]
 *         [--gitleaks GIT-DIR] [--secretlint GIT-DIR] [--packages FOLDER]... [--files 2000]
 *
 * What a file, a rule or a package is called decides by a hash which part it belongs to.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { scanText } from "../../src/inspect/secrets/scan.ts";

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "developed" },
    gitleaks: { type: "string" },
    secretlint: { type: "string" },
    packages: { type: "string", multiple: true, default: [] },
    files: { type: "string", default: "2000" },
    show: { type: "boolean", default: false },
  },
});

const hash = (name) => createHash("sha256").update(name).digest();
const isWanted = (name) => (hash(name)[0] % 2 === 0 ? "developed" : "apart") === values.part;
const secretsOf = (text) => scanText(text).filter(({ personal }) => !personal);
const git = (repo, ...words) =>
  execFileSync("git", ["-C", repo, ...words], { encoding: "utf8", maxBuffer: 1 << 28 });
const filesOf = (repo) => git(repo, "ls-tree", "-r", "--name-only", "HEAD").trim().split("\n");

/** Counts cases and prints what went wrong. */
function score(title, cases) {
  let [found, missed, wrong, silent] = [0, 0, 0, 0];
  for (const { from, isSecret, text } of cases) {
    const [one] = secretsOf(text);
    if (isSecret && one) found++;
    else if (isSecret) missed++;
    else if (one) wrong++;
    else silent++;
    if (values.show && isSecret === (one === undefined))
      console.log(
        `  ${isSecret ? "missed" : `wrong ${one.rule}`} ${from}: ${JSON.stringify(text).slice(0, 200)}`,
      );
  }
  console.log(
    `${title} (${values.part}): ${found} of ${found + missed} found; ${wrong} of ${wrong + silent} others reported`,
  );
}

/** The cases that gitleaks' generators write out as literals: `tps` are to be found, `fps` are not. */
function* casesOfGitleaks(repo) {
  for (const path of filesOf(repo)) {
    if (!/^cmd\/generate\/config\/rules\/.*\.go$/.test(path) || !isWanted(path)) continue;
    const text = git(repo, "show", `HEAD:${path}`);
    for (const list of text.matchAll(/(tps|fps)\s*:?=\s*(?:append\(\1,|\[\]string\{)/g)) {
      for (const literal of literalsAt(text, list.index + list[0].length))
        yield { from: path.slice(path.lastIndexOf("/") + 1), isSecret: list[1] === "tps", text: literal };
    }
  }
}

/** Literals of Go up to the bracket that closes a list, but for those that are put together or given to a call. */
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

/** Rules of secretlint that speak of something else than secrets, or of any text that a user names. */
const others = new Set(
  "no-homedir no-dotenv no-k8s-kind-secret pattern filter-comments secp256k1-privatekey".split(" "),
);

/** Inputs of secretlint's snapshots: folders `ng.*` hold something, `ok.*` do not. */
function* casesOfSecretlint(repo) {
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

const texts = new Set(
  ".js .mjs .cjs .ts .mts .cts .json .md .py .pyi .txt .yml .yaml .toml .cfg .ini .html .css .sh .c .h .cpp .rst .xml .map".split(
    " ",
  ),
);

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules") yield* filesBelow(path);
    else if (entry.isFile() && texts.has(extname(entry.name)) && statSync(path).size < 400_000) yield path;
  }
}

/** Files of each package in turn, in an order of their own, until there are enough. */
function filesOfPackages(roots, most) {
  const packages = roots.flatMap((root) =>
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .flatMap(({ name }) =>
        name.startsWith("@")
          ? readdirSync(join(root, name)).map((one) => join(root, name, one))
          : [join(root, name)],
      )
      .filter((path) => isWanted(relative(root, path)) && lstatSync(path).isDirectory()),
  );
  const queues = packages.map((path) =>
    [...filesBelow(path)].sort((a, b) => Buffer.compare(hash(relative(path, a)), hash(relative(path, b)))),
  );
  const files = [];
  for (let round = 0; files.length < most && queues.some(({ length }) => length > round); round++)
    for (const queue of queues) if (queue.length > round && files.length < most) files.push(queue[round]);
  return files;
}

if (values.gitleaks) score("gitleaks' written cases", casesOfGitleaks(values.gitleaks));
if (values.secretlint) score("secretlint's snapshots", casesOfSecretlint(values.secretlint));
if (values.packages.length > 0) {
  const files = filesOfPackages(values.packages, Number(values.files));
  const cases = files.map((path) => ({ from: path, isSecret: false, text: readFileSync(path, "utf8") }));
  score("files of packages", cases);
}
