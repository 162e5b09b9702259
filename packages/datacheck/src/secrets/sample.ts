/** @file Seeded random values in a rule's format, for tests and benchmarks. */
import type { Random } from "@tunewise/core/math";
import { charactersOf } from "./alphabet.ts";
import type { Format } from "./format.ts";
import { base62Checksum, isBase58Check } from "./proofs.ts";
import type { SecretRule } from "./rule.ts";

/** A random text in a format. */
export function drawFormat(format: Format, random: Random): string {
  return format
    .map((piece) => {
      if (typeof piece === "string") return piece;
      const characters = charactersOf(piece.alphabet);
      const length = piece.min + Math.floor(random() * (Math.min(piece.max, piece.min + 8) - piece.min + 1));
      return Array.from({ length }, () => characters[Math.floor(random() * characters.length)]).join("");
    })
    .join("");
}

const frames: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name.toUpperCase().replace(/\W/g, "_")}_KEY=${value}`,
  (name, value) => `const ${name.replace(/\W/g, "_")}_token = "${value}";`,
  (name, value) => `{"${name}_secret": "${value}"}`,
  (name, value) => `${name} api key: ${value}`,
  (name, value) => `os.environ['${name}_api_key'] = '${value}'`,
];

/** Texts in which a rule must find its secret, one per notation, in addition to the handwritten ones. */
export function drawCases(rule: SecretRule, random: Random): string[] {
  const own = rule.cases?.() ?? [];
  if (
    rule.form === "reader" ||
    rule.accepts === isBase58Check ||
    (rule.accepts !== undefined && own.length > 0)
  )
    return [...own];
  const value = (): string => seal(rule, drawFormat(rule.format, random));
  if (rule.form === "token") {
    return [
      value(),
      `"${value()}"`,
      `key=${value()}&x=1`,
      `see \\n${value()} there`,
      `Is it ${value()}, or not?`,
    ].concat(own);
  }
  return rule.words
    .flatMap((word, index) => frames.map((frame) => frame(word, value())).slice(index > 0 ? 3 : 0))
    .concat(own);
}

/** Replaces the end of a token by its correct checksum, if it carries one. */
function seal(rule: SecretRule, value: string): string {
  if (rule.checksum === undefined) return value;
  const body = value.slice(value.indexOf("_") + 1, -6);
  return value.slice(0, -6) + base62Checksum(body);
}
