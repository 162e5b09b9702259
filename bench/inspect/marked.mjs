/**
 * @file Evaluates the code scanner on lines that rule authors marked as bad or good in their own tests.
 *
 *     npx tsx bench/inspect/marked.mjs [--semgrep REPO --part developed|kept|all] [--sonar-python REPO]
 *       [--sonar-java REPO] [--sonar-js REPO] [--sonar-php REPO] [--sonar-dotnet REPO] [--language NAME ...]
 *       [--by-rule] [--list]
 *
 * Each REPO is a clone, with or without a work tree, read with `git show`; none is part of this repository:
 * semgrep/semgrep-rules and SonarSource/sonar-python, sonar-java, SonarJS, sonar-php, sonar-dotnet. For Semgrep's
 * tests, a hash of the folder decides which were used for development and which are held out. Units are those of
 * `marked-units.mjs`: the marked statement, or its function if the mark is alone in it.
 */
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/datacheck/codescan";
import { semgrepTests } from "./marked-semgrep.mjs";
import { sonarTests } from "./marked-sonar.mjs";
import { sonarJsTests } from "./marked-sonar-js.mjs";
import { checkedPart } from "./part.mjs";
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
const part = checkedPart(values.part, ["developed", "kept", "all"]);
const isAsked = (language) => values.language === undefined || values.language.includes(language);

/** All requested tests. */
function* tests() {
  if (values.semgrep !== undefined) yield* semgrepTests(values.semgrep, part, isAsked);
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
  tally.add(test, scanner.scanCode(test.text, test.language), values.list);
}
tally.say(values["by-rule"]);
