import { mulberry32 } from "@tunewise/core/math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Row } from "../row.ts";
import { lot } from "./alphabet.ts";
import { inspectSecrets } from "./inspect-secrets.ts";
import type { SecretRule } from "./rule.ts";
import { secretRules } from "./rules/all.ts";
import { drawCases } from "./sample.ts";
import { scanText } from "./scan.ts";

const rowOf = (line: number, prompt: string, answer: string, system = "be kind"): Row => ({
  part: "train",
  place: { file: "t", line },
  prompt,
  answer,
  messages: [
    { role: "system", content: system },
    { role: "user", content: prompt },
    { role: "assistant", content: answer },
  ],
});
const told = (rows: readonly Row[]): string[] =>
  inspectSecrets(rows).map(({ finding: { code, severity, detail } }) => `${severity} ${code}: ${detail}`);

describe("inspectSecrets", () => {
  test("says nothing about clean rows", () => {
    expect(inspectSecrets([rowOf(1, "what is 2 + 2?", "4")])).toEqual([]);
  });

  test("reads reasoning and the arguments of calls", () => {
    const key = `glpat-${lot(20)}`;
    const { messages, ...row } = rowOf(1, "a", "b");
    const turns = (more: object): Row => ({
      ...row,
      messages: messages.map((one) => ({ ...one, ...more })).slice(2),
    });
    for (const more of [
      { reasoning: `T="${key}"` },
      { toolCalls: [{ name: "f", arguments: { token: key } }] },
    ])
      expect(told([turns(more)])).toEqual([expect.stringContaining("error DATA_SECRET: ")]);
  });

  test("DATA_SECRET: certain and likely ones apart, in every turn, with what is in each row", () => {
    const rows = [
      rowOf(1, "fix this", `T="glpat-${lot(20)}"`),
      rowOf(2, `db_password = "kV7${"t#"}Zp2x"`, "done"),
      rowOf(3, "a", "b", `use glpat-${lot(20, "base62", 5)}`),
      rowOf(4, "a", "b"),
    ];
    expect(told(rows)).toEqual([
      "error DATA_SECRET: keys, tokens or passwords in 2 rows: GitLab Personal Access Token 2; first t:1",
      "warning DATA_SECRET: keys, tokens or passwords in 1 rows: Value assigned to a secret's name 1; first t:2",
    ]);
    expect(inspectSecrets(rows)[0]?.evidence).toEqual([
      {
        place: { file: "t", line: 1 },
        reason: "GitLab Personal Access Token glpa…(26) in turn 3 (assistant)",
        remedy: "redact",
      },
      {
        place: { file: "t", line: 3 },
        reason: "GitLab Personal Access Token glpa…(26) in turn 1 (system)",
        remedy: "redact",
      },
    ]);
  });

  test("DATA_PERSONAL: a warning, but a few e-mail addresses a note", () => {
    const mail = (line: number): Row => rowOf(line, `from r${line}.okafor@lagos-freight.ng`, "ok");
    expect(told([mail(1), rowOf(2, "Date of birth: 14/03/1987", "ok")])).toEqual([
      "warning DATA_PERSONAL: personal data in 1 rows: Date of birth 1; first t:2",
      "note DATA_PERSONAL: personal data in 1 rows: E-mail address 1; first t:1",
    ]);
    const many = Array.from({ length: 25 }, (_, index) => mail(index + 1));
    expect(inspectSecrets(many)[0]?.finding.severity).toBe("warning");
    expect(inspectSecrets(many)[0]?.evidence).toHaveLength(25);
  });
});

describe("masking", () => {
  /** The lines around a key, which are not part of it. */
  const labels = /-----(?:BEGIN|END) [A-Z ]+-----|PuTTY-User-Key-File|Public-Lines|Private-Lines/g;
  const byId = new Map(secretRules.map((rule) => [rule.id, rule]));
  const withoutLiterals = (rule: SecretRule, value: string): string =>
    (rule.form === "reader" ? [] : rule.format)
      .filter((piece) => typeof piece === "string")
      .reduce((left, literal) => left.replace(literal, ""), value);
  /**
   * Whether output reveals five consecutive characters of a value that the output for another value does not contain.
   */
  const leaks = (value: string, told: string, ofAnother: string): boolean => {
    for (let i = 0; i + 5 <= value.length; i++) {
      const piece = value.slice(i, i + 5);
      if (told.includes(piece) && !ofAnother.includes(piece)) return true;
    }
    return false;
  };
  const tellOf = (text: string): string =>
    JSON.stringify([inspectSecrets([rowOf(1, text, text)]), scanText(text)]);

  test("no finding, reason or match holds more of a value than its format's first four characters", () => {
    const seeds = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(fc.constantFrom(...secretRules), seeds, (rule, seed) => {
        const others = drawCases(rule, mulberry32(seed + 1))
          .map(tellOf)
          .join("\n");
        for (const text of drawCases(rule, mulberry32(seed))) {
          const json = tellOf(text);
          for (const { start, end, rule: by } of scanText(text)) {
            const of = byId.get(by) ?? rule;
            const value = withoutLiterals(of, text.slice(start, end).replace(labels, ""));
            expect(leaks(value, json, others), `${rule.id}: ${json.slice(0, 200)}`).toBe(false);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("no personal value is shown but an e-mail address's first letter", () => {
    const text =
      "m.okafor@lagos-freight.ng, +49 30 9018 2047; 4539 1488 0343 6467, DE12 5001 0517 0648 4898 90 DOB 14/03/1987";
    expect(scanText(text).map(({ masked }) => masked)).toEqual(["m…@…", "…(16)", "…(19)", "…(27)", "…(10)"]);
  });
});
