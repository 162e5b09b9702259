/** @file Every rule finds its bad cases, and no rule of the language finds anything in any good one. */
import { describe, expect, test } from "vitest";
import { allRules } from "../languages.ts";
import { isPractice } from "../practice.ts";
import { openScanner } from "../scan.ts";

const plain = await openScanner();
const withPractice = await openScanner({ practice: true });

describe.each([...allRules()])("rules for %s", (language, rules) => {
  test("have names of their own, and a safe twin for what is bad", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(
      rules.filter(({ bad, good }) => bad.length === 0 || good.length === 0).map(({ id }) => id),
    ).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", async (id, rule) => {
    // alone, so that no rule passes because another one found the case
    const alone = await openScanner({ rules: [rule] });
    expect(
      rule.bad.filter((text) => alone.scanCode(text, language).length === 0),
      id,
    ).toEqual([]);
    const alarms = rule.good.flatMap((text) => {
      const found = (isPractice(id) ? withPractice : plain).scanCode(text, language);
      return found.length === 0 ? [] : [[text, ...found.map(({ rule, line }) => `${rule} in line ${line}`)]];
    });
    expect(alarms, id).toEqual([]);
  });
});
