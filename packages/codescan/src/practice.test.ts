/** @file Insecure practice: left out unless it is asked for, counted by language, of low severity alone. */
import { describe, expect, test } from "vitest";
import { allRules } from "./languages.ts";
import { isListed, isPractice } from "./practice.ts";
import { openScanner } from "./scan.ts";

const [plain, withPractice] = [await openScanner(), await openScanner({ practice: true })];

test("practice is left out unless it is asked for, and changes nothing of what is found besides", () => {
  const code =
    "import os\nimport random\nrandom.seed(1)\nos.system('clear')\ndef f(a):\n    os.system('ls ' + a)\n";
  expect(plain.scanCode(code, "python").map(({ rule, line }) => [rule, line])).toEqual([
    ["python/shell-text", 6],
  ]);
  const found = withPractice.scanCode(code, "python").map(({ rule, line }) => [rule, line]);
  expect(found).toEqual([
    ["python/practice-fixed", 3],
    ["python/practice-shell", 4],
    ["python/shell-text", 6],
  ]);
});

test("practice is left out beside a weakness of its family", () => {
  const code = "import hashlib\nhashlib.md5(b'a')\n";
  expect(withPractice.scanCode(code, "python").map(({ rule }) => rule)).toEqual(["python/weak-hash"]);
});

test("every rule on practice is of low severity, and on the list of its language", () => {
  const rules = [...allRules()].flatMap(([language, all]) => all.map((rule) => ({ language, rule })));
  const practice = rules.filter(({ rule }) => isPractice(rule.id));
  expect(practice.length).toBeGreaterThan(40);
  expect(practice.filter(({ rule }) => rule.severity !== "low")).toEqual([]);
  expect(
    practice.filter(
      ({ rule, language }) => !rule.id.startsWith(language.slice(0, 3)) && !/^t/.test(language),
    ),
  ).toEqual([]);
});

describe("isListed", () => {
  test.each([
    ["a rule on practice", { rule: "go/practice-x", cwe: 1, language: "go" }, true],
    ["a weakness of the list", { rule: "python/eval", cwe: 95, language: "python" }, true],
    ["one that another language has", { rule: "x", cwe: 434, language: "python" }, false],
    ["a language that is not on the list", { rule: "x", cwe: 78, language: "shell" }, false],
    ["another scanner's", { rule: "bandit/B602", cwe: 78, language: "python" }, true],
  ] as const)("%s", (_, finding, isOn) => expect(isListed(finding)).toBe(isOn));
});
