/**
 * @file Test files of SonarSource's analyzers, whose authors marked each line that a rule flags with `Noncompliant`.
 *
 * A rule counts if its metadata says VULNERABILITY or SECURITY_HOTSPOT and lists CWE numbers. The lookup is: rule ->
 * class with its key -> test that instantiates the class -> files named in the test. A file without marks is clean.
 */
import { posix } from "node:path";
import { filesUnder, textsOf } from "./codeql-tests.mjs";

const analyzers = {
  python: {
    metadata: "python-checks/src/main/resources/org/sonar/l10n/py/rules/python",
    classes: "python-checks/src/main/java",
    tests: "python-checks/src/test/java",
    cases: ["python-checks/src/test/resources/checks"],
    ending: ".py",
  },
  java: {
    metadata: "sonar-java-plugin/src/main/resources/org/sonar/l10n/java/rules/java",
    classes: "java-checks/src/main/java",
    tests: "java-checks/src/test/java",
    cases: ["java-checks-test-sources", "java-checks/src/test/files"],
    ending: ".java",
  },
  php: {
    metadata: "php-checks/src/main/resources/org/sonar/l10n/php/rules/php",
    classes: "php-checks/src/main/java",
    tests: "php-checks/src/test/java",
    cases: ["php-checks/src/test/resources/checks"],
    ending: ".php",
  },
  csharp: {
    metadata: "analyzers/rspec/cs",
    classes: "analyzers/src",
    tests: "analyzers/tests/SonarAnalyzer.Test/Rules",
    cases: ["analyzers/tests/SonarAnalyzer.Test/TestCases"],
    ending: ".cs",
  },
};

/** CWE numbers that only these analyzers use: weak hashes have 1240, a child of 327. */
const parents = { 1240: [1240, 327, 328] };

/** CWE numbers of security rules, by rule key. */
export function weaknessesOf(repo, folder) {
  const paths = filesUnder(repo, folder).filter((path) => /\/S\d+\.json$/.test(path));
  const found = new Map();
  for (const [at, text] of textsOf(repo, paths).entries()) {
    const { type, securityStandards } = JSON.parse(text);
    const cwes = (securityStandards?.CWE ?? []).flatMap((cwe) => parents[cwe] ?? [cwe]);
    const isSecurity = type === "VULNERABILITY" || type === "SECURITY_HOTSPOT";
    if (isSecurity && cwes.length > 0) found.set(posix.basename(paths[at], ".json"), cwes);
  }
  return found;
}

/** Test files of one analyzer, each with the marks of one rule. */
export function* sonarTests(repo, language) {
  const { metadata, classes, tests, cases, ending } = analyzers[language];
  const weaknesses = weaknessesOf(repo, metadata);
  const rules = rulesByClass(repo, classes, weaknesses);
  const files = cases.flatMap((folder) => filesUnder(repo, folder)).filter((path) => path.endsWith(ending));
  const byRule = new Map();
  const testFiles = filesUnder(repo, tests);
  for (const text of textsOf(repo, testFiles)) {
    const classesMade = /(?:\bnew\s+(?!VerifierBuilder)|VerifierBuilder<)(?:CS\.)?(\w+)/g;
    const named = [...text.matchAll(classesMade)].map((one) => rules.get(one[1]));
    const paths = [...text.matchAll(/"([^"\n]+)"/g)]
      .filter(([, name]) => name.endsWith(ending))
      .flatMap(([, name]) => files.filter((path) => path.endsWith(`/${name.replaceAll("\\", "/")}`)));
    for (const rule of named)
      if (rule !== undefined) byRule.set(rule, [...(byRule.get(rule) ?? []), ...paths]);
  }
  for (const [rule, paths] of [...byRule].sort()) {
    const own = [...new Set(paths)].sort();
    for (const [at, text] of textsOf(repo, own).entries()) {
      const about = { collection: "SonarSource (all)", rule, cwes: weaknesses.get(rule), path: own[at] };
      yield { ...about, language, text, marks: marksOf(text), isAll: true };
    }
  }
}

/** Rules by the name of the class with their key; in C# also by the name of its base class. */
function rulesByClass(repo, folder, weaknesses) {
  const paths = filesUnder(repo, folder).filter(
    (path) => /\.(java|cs)$/.test(path) && !/VisualBasic/.test(path),
  );
  const found = new Map();
  for (const [at, text] of textsOf(repo, paths).entries()) {
    for (const [, key] of text.matchAll(/(?:@Rule\(key\s*=|(?:KEY|DiagnosticId)\w*\s*=>?)\s*"(S\d+)"/g)) {
      const name = posix.basename(paths[at]).replace(/(?:Base)?\.\w+$/, "");
      if (weaknesses.has(key)) found.set(name, key);
    }
  }
  return found;
}

/** `{ line, isBad }` of each mark, and lines of causes; `isBad` is undefined if the author calls the analyzer wrong. */
export function marksOf(text) {
  return text.split("\n").flatMap((line, at) => {
    // an arrow that marks the line above it as secondary location of an alert
    if (/^\s*(?:#|\/\/)\s*\^+[<>]/.test(line)) return [{ line: at, isCause: true }];
    const found = /(?:#|\/\/|\/\*|<!--)\s*Non[Cc]ompliant(?:@([+-]\d+))?/.exec(line);
    const isDoubtful = /(?:#|\/\/|\/\*).*\b(?:FN|FP|[Ff]alse[ -](?:[Nn]egative|[Pp]ositive))\b/.test(line);
    if (found === null && !isDoubtful) return [];
    return [{ line: at + 1 + Number(found?.[1] ?? 0), isBad: isDoubtful ? undefined : true }];
  });
}
