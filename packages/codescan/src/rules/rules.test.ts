/** @file Every rule finds its bad cases, and no rule of the language finds anything in any good one. */
import { describe, expect, test } from "vitest";
import { allRules } from "../languages.ts";
import { isPractice } from "../practice.ts";
import { openScanner } from "../scan.ts";
import { areRelated } from "../weaknesses.ts";

const plain = await openScanner();
const withPractice = await openScanner({ practice: true });

describe.each([...allRules()])("rules for %s", (language, rules) => {
  test("have names of their own, and a safe twin for what is bad", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(
      rules.filter(({ bad, good }) => bad.length === 0 || good.length === 0).map(({ id }) => id),
    ).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, { bad, good, cwe }) => {
    const scanner = isPractice(id) ? withPractice : plain;
    // practice gives way to a weakness of its family in the same line
    const isIt = (found: number): boolean => (isPractice(id) ? areRelated(found, cwe) : found === cwe);
    const missed = bad.filter((text) => !scanner.scanCode(text, language).some((one) => isIt(one.cwe)));
    expect(missed, id).toEqual([]);
    const alarms = good.flatMap((text) => {
      const found = scanner.scanCode(text, language);
      return found.length === 0 ? [] : [[text, ...found.map(({ rule, line }) => `${rule} in line ${line}`)]];
    });
    expect(alarms, id).toEqual([]);
  });
});
