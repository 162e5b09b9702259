import { mulberry32 } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { alphabetBits } from "../alphabet.ts";
import { base62Checksum, endsInChecksum, isBase58Check } from "../proofs.ts";
import { keywordsOf, type SecretRule } from "../rule.ts";
import { drawCases, drawFormat } from "../sample.ts";
import { scanText } from "../scan.ts";
import { secretRules } from "./all.ts";

const found = (text: string): string[] => scanText(text).map(({ rule, severity }) => `${rule} ${severity}`);
const secret = (text: string): string[] =>
  scanText(text)
    .filter(({ personal }) => !personal)
    .map(({ rule }) => rule);

/** Values in a secret's position that are not secrets. */
function lookAlikes(rule: SecretRule): string[] {
  const own = rule.lookAlikes?.() ?? [];
  if (rule.form === "reader") return [...own];
  const filled = (one: string): string =>
    rule.format
      .map((piece) => (typeof piece === "string" ? piece : one.repeat(piece.min).slice(0, piece.min)))
      .join("");
  const [head] = rule.format;
  const prefix = typeof head === "string" ? head : "";
  const frame = (one: string): string => (rule.form === "token" ? one : `${rule.words[0]}_key = "${one}"`);
  return [
    ...[frame(filled("x")), frame(filled("0")), frame(filled("X")), frame(filled("1234567890"))],
    ...[
      frame(`${prefix}YOUR_KEY_HERE`),
      frame(`${prefix}...`),
      frame(`<${prefix}token>`),
      frame(`${prefix}xxxxxxxxxxxxxxxx`),
    ],
    ...own,
  ];
}

describe("rules", () => {
  test("are many, each with a name of its own; what is taken over shares one among its formats", () => {
    expect(secretRules.length).toBeGreaterThanOrEqual(300);
    const named = secretRules.map(
      (rule) => rule.id + (rule.form === "reader" ? "" : JSON.stringify(rule.format)),
    );
    expect(new Set(named).size).toBe(secretRules.length);
    for (const { id } of secretRules) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test("have keywords in lower ASCII, and formats that never go back", () => {
    for (const rule of secretRules) {
      const keywords = keywordsOf(rule);
      expect(keywords.length, rule.id).toBeGreaterThan(0);
      for (const keyword of keywords) expect(keyword, rule.id).toMatch(/^[\x20-\x40\x5b-\x7e]{2,}$/);
      if (rule.form === "reader") continue;
      for (const [index, piece] of rule.format.entries()) {
        const next = rule.format[index + 1];
        if (typeof piece === "string" || typeof next !== "string" || piece.min === piece.max) continue;
        expect(alphabetBits(next.charCodeAt(0)) & piece.bit, `${rule.id}: a run swallows ${next}`).toBe(0);
      }
    }
  });

  test("find their own, whatever is around them", () => {
    const missed = secretRules.flatMap((rule) =>
      [1, 2].flatMap((seed) =>
        drawCases(rule, mulberry32(seed))
          .filter((text) => !found(text).includes(`${rule.id} ${rule.severity}`))
          .map((text) => `${rule.id}: ${text.slice(0, 120)} gives ${found(text)}`),
      ),
    );
    expect(missed).toEqual([]);
  });

  test("leave each other's look-alikes alone", () => {
    const wrong = secretRules.flatMap((rule) =>
      lookAlikes(rule).flatMap((text) =>
        secret(text).map((by) => `${by} at ${rule.id}: ${text.slice(0, 120)}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the places of tokens", () => {
  test("are not inside words, nor inside base64", () => {
    const blob = "Qm9vZ2xlLzEyMzQ1Njc4OTBhYmNkZWZnaGlqa2xtbm9wcXJz".repeat(3);
    const wrong = secretRules.flatMap((rule) => {
      if (rule.form !== "token" || rule.accepts !== undefined) return [];
      const value = drawFormat(rule.format, mulberry32(7));
      if (!/^[0-9A-Za-z]/.test(value)) return [];
      return [`word${value}`, blob + value]
        .filter((text) => secret(text).includes(rule.id))
        .map(() => rule.id);
    });
    expect(wrong).toEqual([]);
  });
});

describe("checksums", () => {
  test("GitHub's is right on expired tokens that were published with it", () => {
    expect(base62Checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")).toBe("0mLq17");
    expect(endsInChecksum(`ghp_${"zQWBuTSOoRi4A9spHcVY"}5ncnsDkxkJ0mLq17`)).toBe(true);
    expect(endsInChecksum(`ghp_${"zQWBuTSOoRi4A9spHcVY"}5ncnsDkxkJ0mLq18`)).toBe(false);
  });

  test("a token with a wrong one is a warning", () => {
    expect(found(`ghp_${"zQWBuTSOoRi4A9spHcVY"}5ncnsDkxkJ0mLq18`)).toEqual(["github-pat warning"]);
  });

  test("base58check as in the wiki of Bitcoin", () => {
    expect(isBase58Check(`5HueCGU8rMjxEXxiPuD5BDku${"4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"}`)).toBe(true);
    expect(isBase58Check(`5HueCGU8rMjxEXxiPuD5BDku${"4MkFqeZyd4dZ1jvhTVqvbTLvyTK"}`)).toBe(false);
  });
});
