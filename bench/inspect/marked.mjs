/**
 * @file What the scanner of code says of lines that authors of rules marked in their own tests as bad or good.
 *
 *     npx tsx bench/inspect/marked.mjs [--semgrep REPO --part developed|kept|all] [--sonar-python REPO]
 *       [--sonar-java REPO] [--sonar-js REPO] [--sonar-php REPO] [--sonar-dotnet REPO] [--language NAME ...]
 *       [--by-rule] [--list]
 *
 * Each REPO is a clone, with or without a work tree, read with `git show`; nothing of it is part of this repository:
 * semgrep/semgrep-rules and SonarSource/sonar-python, sonar-java, SonarJS, sonar-php, sonar-dotnet. Of Semgrep's tests
 * a hash of the folder decides what was developed on and what was kept apart. The unit of judging is that of
 * `marked-units.mjs`, the same for all: the statement that a mark speaks of, or its function where it is alone there.
 */
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/codescan";
import { semgrepTests } from "./marked-semgrep.mjs";
import { sonarTests } from "./marked-sonar.mjs";
import { sonarJsTests } from "./marked-sonar-js.mjs";
import { judge } from "./marked-units.mjs";
import { openTally } from "./tally.mjs";

const { values } = parseArgs({
  options: {
    semgrep: { type: "string" },
    "sonar-python": { type: "string" },
    "sonar-java": { type: "string" },
    "sonar-js": { type: "string" },
    "sonar-php": { type: "string" },
    "sonar-dotnet": { type: "string" },
    part: { type: "string", default: "developed" },
    language: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    "by-rule": { type: "boolean", default: false },
  },
});
const isAsked = (language) => values.language === undefined || values.language.includes(language);

/** All tests that are asked for. */
function* tests() {
  if (values.semgrep !== undefined) yield* semgrepTests(values.semgrep, values.part, isAsked);
  for (const [name, language] of [
    ["sonar-python", "python"],
    ["sonar-java", "java"],
    ["sonar-php", "php"],
    ["sonar-dotnet", "csharp"],
  ]) {
    if (values[name] !== undefined && isAsked(language)) yield* sonarTests(values[name], language);
  }
  if (values["sonar-js"] !== undefined) yield* sonarJsTests(values["sonar-js"]);
}

const scanner = await openScanner();
const tally = openTally();
for (const test of tests()) {
  if (!isAsked(test.language)) continue;
  const found = scanner.scanCode(test.text, test.language);
  const language = test.language === "typescript" || test.language === "tsx" ? "javascript" : test.language;
  const about = [`${test.collection}, ${language}`, `${test.rule} CWE-${test.cwes.join(",")}`];
  for (const { line, kind } of judge(test, found)) {
    tally.count("any severity", ...about, kind);
    if (values.list && (kind === "missed" || kind === "wrong"))
      console.log(`  ${kind} ${test.path}:${line} ${about[1]}`);
  }
  const heavy = found.filter(({ severity }) => severity !== "low");
  for (const { kind } of judge(test, heavy)) tally.count("high and medium", ...about, kind);
}
tally.say(values["by-rule"]);
