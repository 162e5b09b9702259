/** @file Every rule finds its vulnerable cases, and no rule of a language finds anything in a safe case. */
import { describe, expect, test } from "vitest";
import { parseCases, type RuleCases, readCases } from "../../../../../test/support/scanner-cases.ts";
import type { LanguageName } from "../language.ts";
import { allRules } from "../languages.ts";
import { openScanner } from "../scan.ts";

const scanner = await openScanner();
const allCases = readCases();
const casesOf = (id: string): RuleCases => allCases.get(id) ?? { found: [], notFound: [] };

/**
 * Number of matchers, in rules with several, that no vulnerable case tests on its own. Exact, so that a new one fails
 * the test.
 */
const untried: Readonly<Partial<Record<LanguageName, number>>> = {
  python: 117,
  javascript: 99,
  typescript: 99,
  tsx: 99,
  php: 35,
  go: 30,
  java: 65,
  csharp: 68,
  rust: 18,
  shell: 4,
  sql: 7,
};

describe.each([...allRules()])("rules for %s", (language, rules) => {
  test("have ids of their own, vulnerable cases and safe cases", () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => casesOf(id).found.length === 0)).toEqual([]);
    expect(ids.filter((id) => casesOf(id).notFound.length === 0)).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", async (id, rule) => {
    // run alone, so that no rule passes because another one found the case
    const alone = await openScanner({ rules: [rule] });
    expect(
      casesOf(id).found.filter((text) => alone.scanCode(text, language).length === 0),
      id,
    ).toEqual([]);
    const alarms = casesOf(id).notFound.flatMap((text) => {
      const found = scanner.scanCode(text, language);
      return found.length === 0 ? [] : [[text, ...found.map(({ rule, line }) => `${rule} in line ${line}`)]];
    });
    expect(alarms, id).toEqual([]);
  });

  test("matchers without a case that tries them alone are those that are known", async () => {
    const without: string[] = [];
    for (const rule of rules.filter(({ match }) => match.length > 1)) {
      for (const [at, one] of rule.match.entries()) {
        const alone = await openScanner({ rules: [{ ...rule, match: [one] }] });
        const isTried = casesOf(rule.id).found.some((text) => alone.scanCode(text, language).length > 0);
        if (!isTried) without.push(`${rule.id}, match ${at}`);
      }
    }
    expect(without.length, without.slice(0, 300).join("\n")).toBe(untried[language] ?? 0);
  }, 60_000);
});

test("every case belongs to a rule", () => {
  const ids = new Set([...allRules().values()].flat().map(({ id }) => id));
  expect([...allCases.keys()].filter((id) => !ids.has(id))).toEqual([]);
});

describe("files of cases", () => {
  const block = "```go\na()\n```\n";

  test("have one block per case, and longer fences around fences", () => {
    const sections = `### Found\n\n${block}\n${block}\n### Not found\n\n`;
    const text = `# All\n\n## go/a\n\n${sections}\`\`\`\`md\n${block}\`\`\`\`\n`;
    expect([...parseCases(text, "go.md")]).toEqual([
      ["go/a", { found: ["a()\n", "a()\n"], notFound: [block] }],
    ]);
  });

  test.each([
    ["a case outside a section", `## go/a\n${block}`, 2],
    ["a case outside a rule", block, 1],
    ["a section outside a rule", "### Found\n", 1],
    ["an unknown section", "## go/a\n### Bad\n", 2],
    ["a rule that occurs twice", "## go/a\n\n## go/a\n", 3],
    ["code without a fence", "## go/a\n### Found\na()\n", 3],
    ["a fence that does not end", "## go/a\n### Found\n```go\na()\n", 3],
    ["an empty case", "## go/a\n### Found\n```go\n```\n", 3],
  ])("refuse %s", (_, text, line) => {
    expect(() => parseCases(text, "go.md")).toThrow(`go.md:${line}: `);
  });
});
