/**
 * @file Evaluates the secret scan on public collections: test cases of scanners, and package files without secrets.
 *
 *     node --import tsx bench/inspect/secrets-collections.mjs --part developed|kept [--show]
 *         [--gitleaks GIT-DIR] [--secretlint GIT-DIR] [--trufflehog GIT-DIR] [--noseyparker GIT-DIR]
 *         [--detect-secrets GIT-DIR] [--sonar GIT-DIR]... [--leaky-repo GIT-DIR] [--packages FOLDER]... [--files 2000]
 *
 * A hash of the name of a file, rule, detector or package decides which part it belongs to. A secret counts as found if
 * a match overlaps it. Among matches in texts that should have none, those found by a secret's name are counted
 * separately, because a test of one vendor's format often contains another secret on purpose.
 */
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { scanText } from "../../packages/datacheck/src/secrets/scan.ts";
import { checkedPart, hashOf, isInPart } from "./part.mjs";
import * as cases from "./secrets-cases.mjs";

const collections = {
  gitleaks: ["gitleaks' written cases", cases.casesOfGitleaks],
  secretlint: ["secretlint's snapshots", cases.casesOfSecretlint],
  trufflehog: ["trufflehog's patterns", cases.casesOfTrufflehog],
  noseyparker: ["Nosey Parker's examples", cases.casesOfNoseyParker],
  "detect-secrets": ["detect-secrets' plugins", cases.casesOfDetectSecrets],
};
const { values } = parseArgs({
  options: {
    part: { type: "string", default: "developed" },
    ...Object.fromEntries(Object.keys(collections).map((name) => [name, { type: "string" }])),
    sonar: { type: "string", multiple: true, default: [] },
    "leaky-repo": { type: "string" },
    packages: { type: "string", multiple: true, default: [] },
    files: { type: "string", default: "2000" },
    show: { type: "boolean", default: false },
  },
});

const part = checkedPart(values.part);
const isWanted = (name) => isInPart(part, name);
const secretsOf = (text) => scanText(text).filter(({ personal }) => !personal);
const byName = new Set(["generic", "bearer-header", "credentials", "command-password", "call-argument"]);

/** Whether a match is an expected secret; any match counts if the case does not state one. */
const isThat = (text, { start, end }, wanted = []) => {
  const value = text.slice(start, end);
  return wanted.length === 0 || wanted.some((one) => one.includes(value) || value.includes(one));
};

/** Counts cases and prints errors. */
function score(title, all) {
  let [found, missed, ofKind, ofName, silent] = [0, 0, 0, 0, 0];
  for (const { from, isSecret, text, wanted } of all) {
    const matches = secretsOf(text);
    const one = isSecret ? matches.find((match) => isThat(text, match, wanted)) : matches[0];
    if (isSecret && one) found++;
    else if (isSecret) missed++;
    else if (!one) silent++;
    else if (byName.has(one.rule)) ofName++;
    else ofKind++;
    if (values.show && isSecret === (one === undefined))
      console.log(
        `  ${isSecret ? "missed" : `wrong ${one.rule}`} ${from}: ${JSON.stringify(text).slice(0, 400)} ${JSON.stringify(wanted ?? [])}`,
      );
  }
  const others = ofKind + ofName + silent;
  console.log(
    `${title} (${part}): ${found} of ${found + missed} found; of ${others} others ${ofKind} reported, ` +
      `${ofName} as a value of a secret's name`,
  );
}

/** Scores lines of code; a marked line counts as found if a match begins in it. */
function scoreLines(title, all) {
  let [found, marked, wrong, lines] = [0, 0, 0, 0];
  for (const { from, text, marks } of all) {
    const at = new Map(
      secretsOf(text).map((one) => [text.slice(0, one.start).split("\n").length - 1, one.rule]),
    );
    const written = text.split("\n");
    for (const [line, isMarked] of marks.entries()) {
      if (isMarked) marked++;
      else lines++;
      if (isMarked && at.has(line)) found++;
      if (!isMarked && at.has(line)) wrong++;
      if (values.show && isMarked !== at.has(line))
        console.log(
          `  ${isMarked ? "missed" : `wrong ${at.get(line)}`} ${from}:${line + 1} ${written[line].trim().slice(0, 160)}`,
        );
    }
  }
  console.log(`${title} (${part}): ${found} of ${marked} lines found; ${wrong} of ${lines} others reported`);
}

/** Scores files with a known number of secrets. */
function scoreFiles(title, all) {
  let [found, files, sum, expected, wrong, clean] = [0, 0, 0, 0, 0, 0];
  for (const { from, text, count } of all) {
    const matches = secretsOf(text);
    if (count === 0) clean++;
    else files++;
    if (count > 0 && matches.length > 0) found++;
    if (count === 0 && matches.length > 0) wrong++;
    sum += Math.min(count, matches.length);
    expected += count;
    if (values.show && matches.length !== count) console.log(`  ${from}: ${matches.length} of ${count}`);
  }
  console.log(
    `${title}: ${found} of ${files} files with secrets found, ${sum} of ${expected} secrets; ${wrong} of ${clean} others reported`,
  );
}

const extensions = new Set(
  ".js .mjs .cjs .ts .mts .cts .json .md .py .pyi .txt .yml .yaml .toml .cfg .ini .html .css .sh .c .h .cpp .rst .xml .map".split(
    " ",
  ),
);

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules") yield* filesBelow(path);
    else if (entry.isFile() && extensions.has(extname(entry.name)) && statSync(path).size < 400_000)
      yield path;
  }
}

/** Takes files from each package in turn, in a fixed pseudo-random order, until there are enough. */
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
    [...filesBelow(path)].sort((a, b) =>
      Buffer.compare(hashOf(relative(path, a)), hashOf(relative(path, b))),
    ),
  );
  const files = [];
  for (let round = 0; files.length < most && queues.some(({ length }) => length > round); round++)
    for (const queue of queues) if (queue.length > round && files.length < most) files.push(queue[round]);
  return files;
}

for (const [name, [title, read]] of Object.entries(collections))
  if (values[name]) score(title, read(values[name], isWanted));
for (const repo of values.sonar)
  scoreLines(`lines of ${repo.split("/").at(-2)}`, cases.linesOfSonar(repo, isWanted));
if (values["leaky-repo"]) scoreFiles("leaky-repo", cases.casesOfLeakyRepo(values["leaky-repo"]));
if (values.packages.length > 0) {
  const files = filesOfPackages(values.packages, Number(values.files));
  const texts = files.map((path) => ({ from: path, isSecret: false, text: readFileSync(path, "utf8") }));
  score("files of packages", texts);
}
