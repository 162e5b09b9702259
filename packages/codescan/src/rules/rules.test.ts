/** @file Every rule finds its bad cases, and no rule of the language finds anything in any good one. */
import { describe, expect, test } from "vitest";
import { allRules } from "../languages.ts";
import { openScanner } from "../scan.ts";

const scanner = await openScanner();

describe.each([...allRules()])("rules for %s", (language, rules) => {
  test("have names of their own, and a safe twin for what is bad", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(
      rules.filter(({ bad, good }) => bad.length === 0 || good.length === 0).map(({ id }) => id),
    ).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, { bad, good, cwe }) => {
    const missed = bad.filter((text) => !scanner.scanCode(text, language).some((one) => one.cwe === cwe));
    expect(missed, id).toEqual([]);
    const alarms = good.flatMap((text) => {
      const found = scanner.scanCode(text, language);
      return found.length === 0 ? [] : [[text, ...found.map(({ rule, line }) => `${rule} in line ${line}`)]];
    });
    expect(alarms, id).toEqual([]);
  });
});
