/** @file Every rule finds its bad examples, and no rule of a language finds anything in a good example. */
import { describe, expect, test } from "vitest";
import type { LanguageName } from "../language.ts";
import { allRules } from "../languages.ts";
import { openScanner } from "../scan.ts";

const scanner = await openScanner();

/**
 * Number of matchers, in rules with several, that no bad example tests on its own. Exact, so that a new one fails the
 * test.
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
  test("have names of their own, and a safe twin for what is bad", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(
      rules.filter(({ bad, good }) => bad.length === 0 || good.length === 0).map(({ id }) => id),
    ).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", async (id, rule) => {
    // run alone, so that no rule passes because another one found the example
    const alone = await openScanner({ rules: [rule] });
    expect(
      rule.bad.filter((text) => alone.scanCode(text, language).length === 0),
      id,
    ).toEqual([]);
    const alarms = rule.good.flatMap((text) => {
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
        const isTried = rule.bad.some((text) => alone.scanCode(text, language).length > 0);
        if (!isTried) without.push(`${rule.id}, match ${at}`);
      }
    }
    expect(without.length, without.slice(0, 300).join("\n")).toBe(untried[language] ?? 0);
  }, 60_000);
});
